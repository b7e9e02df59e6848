package server

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yeok/cache"
	"yeok/translate"
)

// TestReservationsNeverOversubscribe: many flights at once have never reserved more
// than there is, and what they settle is what is spent.
func TestReservationsNeverOversubscribe(t *testing.T) {
	c, err := cache.Open(cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	b := &budgets{
		list:    []Budget{{Per: Day, Tokens: 1000}, {Tenant: EachTenant, Model: "m", Per: Month, Tokens: 600, USD: 1}},
		cache:   c,
		note:    func(err error) { t.Error(err) },
		tenants: make(map[string]bool),
	}
	var held [3]atomic.Int64 // by both tenants together, and by each
	var spent atomic.Int64
	var flights sync.WaitGroup
	most, used := translate.Usage{PromptTokens: 20, CompletionTokens: 10, CostUSD: 1e-6}, translate.Usage{PromptTokens: 7}
	for i := range 200 {
		tenant := i % 2
		purse := b.of([]string{"a", "b"}[tenant])
		flights.Go(func() {
			if err := purse.Reserve("m", most); err != nil {
				if _, over := errors.AsType[*budgetError](err); !over {
					t.Errorf("reserve: %v", err)
				}
				return
			}
			if all, own := held[2].Add(30), held[tenant].Add(30); all > 1000 || own > 600 {
				t.Errorf("%d of 1000 are reserved, %d of 600 by tenant %d", all, own, tenant)
			}
			time.Sleep(time.Millisecond)
			held[2].Add(7 - 30)
			held[tenant].Add(7 - 30)
			spent.Add(7)
			purse.Settle("m", most, used)
		})
	}
	flights.Wait()
	if spent.Load() < 7*30 {
		t.Errorf("%d spent: of 200 flights fewer than 30 had money", spent.Load())
	}
	for i, a := range b.accounts("a", "m", time.Now()) {
		sum := c.Sum("spent/"+a.key, a.expires)
		switch {
		case i == 0 && sum != spent.Load():
			t.Errorf("the account of all says %d, spent were %d", sum, spent.Load())
		case a.unit == "tokens" && sum > a.limit, a.unit == "usd" && sum != 0:
			t.Errorf("the account %s says %d", a.key, sum)
		}
	}
}

// TestWhatIsReservedAheadIsSpentOnce: calls go from it first, and what they do not
// need is given back with their flight, at the latest.
func TestWhatIsReservedAheadIsSpentOnce(t *testing.T) {
	c, err := cache.Open(cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	b := &budgets{list: []Budget{{Per: Day, Tokens: 1000}}, cache: c, note: func(err error) { t.Error(err) }, tenants: make(map[string]bool)}
	account := b.accounts("", "m", time.Now())[0]
	check := func(when string, want int64) {
		t.Helper()
		if got := c.Sum("spent/"+account.key, account.expires); got != want {
			t.Errorf("%s the account says %d, want %d", when, got, want)
		}
	}
	tokens := func(n int) translate.Usage { return translate.Usage{PromptTokens: n} }
	purses := []*purse{b.open(""), b.open(""), b.open("")}
	var stakes []*stake
	for _, p := range purses {
		stakes = append(stakes, &stake{w: &translation{purse: p}, offer: translate.Estimate{Most: tokens(100)}})
	}
	if err := b.reserveTogether("m", stakes); err != nil {
		t.Fatal(err)
	}
	check("after the request", 300)
	for _, n := range []int{60, 70} { // 30 more than there are
		if err := purses[0].reserve("m", tokens(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := purses[1].reserve("m", tokens(10)); err != nil {
		t.Fatal(err)
	}
	check("after the calls", 330)
	if err := purses[1].reserve("m", tokens(1000)); err == nil {
		t.Error("there is money for a call of 1000")
	}
	check("after a call that was refused", 330)
	purses[0].settle("m", tokens(130), tokens(80))
	purses[1].settle("m", tokens(10), tokens(7))
	check("after two flights", 187)
	for _, p := range append(purses, purses...) {
		p.giveBack()
	}
	check("after all of them", 87)
}

func TestPeriods(t *testing.T) {
	seoul := time.FixedZone("KST", 9*3600)
	now := time.Date(2026, 1, 1, 8, 0, 0, 0, seoul) // the last day of the year in UTC
	for _, test := range []struct {
		period     Period
		start, end string
	}{{Day, "2025-12-31", "2026-01-01"}, {Month, "2025-12-01", "2026-01-01"}} {
		start, end := test.period.around(now)
		if got, want := start.Format(time.DateOnly)+" "+end.Format(time.DateOnly), test.start+" "+test.end; got != want {
			t.Errorf("%s around %v = %s, want %s", test.period, now, got, want)
		}
	}
}
