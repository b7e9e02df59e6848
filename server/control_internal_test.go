package server

import (
	"testing"
	"time"
)

func TestCacheControlFrom(t *testing.T) {
	for _, test := range []struct {
		values []string
		want   cacheControl
	}{
		{nil, cacheControl{}},
		{[]string{"No-Cache, NO-STORE"}, cacheControl{noCache: true, noStore: true}},
		{[]string{"no-store", " only-if-cached "}, cacheControl{noStore: true, onlyIfCached: true}},
		{[]string{"max-age=60,min-fresh=5"}, cacheControl{limited: true, maxAge: time.Minute, minFresh: 5 * time.Second}},
		{[]string{`max-age="60"`}, cacheControl{limited: true, maxAge: time.Minute}},
		{[]string{"max-age=0"}, cacheControl{limited: true}},
		{[]string{"max-age=7, max-age=9", "max-age=8"}, cacheControl{limited: true, maxAge: 7 * time.Second}},
		{[]string{"max-age=99999999999999999999"}, cacheControl{limited: true, maxAge: maxDelta * time.Second}},
		{[]string{"max-age, max-age=, max-age=x, max-age=-1, max-age=1.5, max-age=+1, max-age=\""}, cacheControl{}},
		{[]string{`x="a, no-cache", y="\", no-store", ,,=, max-stale=60, no-transform`}, cacheControl{}},
		{[]string{`x="a, no-cache`}, cacheControl{}},
		{[]string{`x="a", no-cache`}, cacheControl{noCache: true}},
	} {
		if got := cacheControlFrom(test.values); got != test.want {
			t.Errorf("cacheControlFrom(%q) = %+v, want %+v", test.values, got, test.want)
		}
	}
}
