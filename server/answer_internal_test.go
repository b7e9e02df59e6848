package server

import (
	"testing"
	"time"

	"yeok/cache"
)

func TestStoredAnswersExpire(t *testing.T) {
	memory, err := cache.Open(cache.Options{TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = memory.Close() })
	stored, err := newAnswers(memory, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		made time.Time
		want bool
	}{
		{"young", time.Now().Add(-time.Minute), true},
		{"outlived", time.Now().Add(-2 * time.Hour), false},
		{"without a translation", time.Time{}, true},
	} {
		key := stored.key("t1", "door", []byte(test.name))
		stored.keep(key, &answer{watch: memory.Watch(nil), body: []byte("body"), made: test.made})
		if got := stored.find(key, time.Now()) != nil; got != test.want {
			t.Errorf("an answer %s, made %v, is served: %v, want %v", test.name, test.made, got, test.want)
		}
	}
}
