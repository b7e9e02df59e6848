package server

import (
	"fmt"
	"math"
	"net/url"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"yeok/cache"
	"yeok/translate"
)

// Budget bounds what is paid to models in a day or a month. What is remembered
// costs nothing.
type Budget struct {
	Tenant string  // whose; "" is all tenants together, EachTenant every one by itself
	Model  string  // to which; "" is all together
	Per    Period  // after which it renews
	Tokens int64   // prompt and answer; 0 is no bound
	USD    float64 // by the configured prices; 0 is no bound
}

// EachTenant is the Tenant of a budget that every tenant has for itself.
const EachTenant = "*"

// Period is how long a budget is for.
type Period string

// The periods, by the calendar of UTC: every gateway renews at the same moment.
const (
	Day   Period = "day"
	Month Period = "month"
)

// around is the period that now lies in.
func (p Period) around(now time.Time) (start, end time.Time) {
	y, m, d := now.UTC().Date()
	if p == Month {
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)
}

// lateness is how long after its end a period's account is kept, for calls that
// began in it.
const lateness = 48 * time.Hour

// budgets keep the accounts. What is reserved counts as spent until it is settled,
// so that no two calls can have the same money, here or in another gateway; what a
// gateway had reserved when it died stays spent.
type budgets struct {
	list  []Budget
	cache *cache.Cache
	note  func(error) // told when an account could not be written

	mu      sync.Mutex
	tenants map[string]bool // seen, for metrics
}

// account is one number that one budget bounds.
type account struct {
	budget  Budget
	tenant  string
	unit    string // "tokens" or "usd"
	limit   int64  // in tokens or millionths of a dollar
	key     string
	renews  time.Time
	expires time.Time
}

// accounts are those that calls of a tenant to a model are on.
func (b *budgets) accounts(tenant, model string, now time.Time) []account {
	var all []account
	for _, budget := range b.list {
		if budget.Model != "" && budget.Model != model || budget.Tenant != "" && budget.Tenant != EachTenant && budget.Tenant != tenant {
			continue
		}
		all = append(all, budget.accounts(tenant, now)...)
	}
	return all
}

func (budget Budget) accounts(tenant string, now time.Time) []account {
	if budget.Tenant == "" {
		tenant = ""
	}
	start, end := budget.Per.around(now)
	of := func(unit string, limit int64) account {
		return account{
			budget: budget, tenant: tenant, unit: unit, limit: limit, renews: end, expires: end.Add(lateness),
			// A budget of all and one of the tenant without a name are two.
			key: fmt.Sprintf("%s/%s/tenant=%t:%s/model=%s/%s", budget.Per, start.Format(time.DateOnly),
				budget.Tenant == "", url.QueryEscape(tenant), url.QueryEscape(budget.Model), unit),
		}
	}
	var all []account
	if budget.Tokens > 0 {
		all = append(all, of("tokens", budget.Tokens))
	}
	if budget.USD > 0 {
		all = append(all, of("usd", int64(budget.USD*1e6)))
	}
	return all
}

// amount is what u is on the account, rounded up.
func (a account) amount(u translate.Usage) int64 {
	if a.unit == "tokens" {
		return int64(u.Tokens())
	}
	return int64(math.Ceil(u.CostUSD * 1e6))
}

// purse is what one flight pays from.
type purse struct {
	budgets *budgets
	tenant  string
	began   time.Time // whose period it is paid in, however long it takes

	mu    sync.Mutex
	ahead map[string]reservation // by its request, by model and key of the account
	held  map[string]int64       // for calls, by the same
}

// reservation is what a request has reserved for a flight that has not called for
// it yet.
type reservation struct {
	account account
	n       int64
}

// of is the budget of a flight for a tenant; nil if nothing bounds it.
func (b *budgets) of(tenant string) *translate.Budget { return b.open(tenant).budget() }

// open is a purse for a flight; nil if nothing bounds it.
func (b *budgets) open(tenant string) *purse {
	if len(b.list) == 0 {
		return nil
	}
	b.mu.Lock()
	b.tenants[tenant] = true
	b.mu.Unlock()
	return &purse{budgets: b, tenant: tenant, began: time.Now(), ahead: make(map[string]reservation), held: make(map[string]int64)}
}

func (p *purse) budget() *translate.Budget {
	if p == nil {
		return nil
	}
	return &translate.Budget{Reserve: p.reserve, Settle: p.settle}
}

// add changes an account. One that cannot be written still bounds this gateway.
func (b *budgets) add(a account, n int64) int64 {
	sum, err := b.cache.Add("spent/"+a.key, n, a.expires)
	if err != nil {
		b.note(err)
	}
	return sum
}

// take takes from every account, or from none. Nothing can be taken from any.
func (b *budgets) take(accounts []account, amount func(account) int64) error {
	for i, a := range accounts {
		n := amount(a)
		if n == 0 || b.add(a, n) <= a.limit {
			continue
		}
		for _, taken := range accounts[:i+1] {
			if n := amount(taken); n != 0 {
				b.add(taken, -n)
			}
		}
		return &budgetError{a}
	}
	return nil
}

// reserve takes what its request has not reserved ahead.
func (p *purse) reserve(model string, most translate.Usage) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	accounts := p.budgets.accounts(p.tenant, model, p.began)
	ahead := func(a account) int64 { return min(p.ahead[model+" "+a.key].n, a.amount(most)) }
	if err := p.budgets.take(accounts, func(a account) int64 { return a.amount(most) - ahead(a) }); err != nil {
		return err
	}
	for _, a := range accounts {
		key, used := model+" "+a.key, ahead(a)
		p.ahead[key] = reservation{a, p.ahead[key].n - used}
		p.held[key] += a.amount(most)
	}
	return nil
}

// settle gives back what was not spent.
func (p *purse) settle(model string, _, spent translate.Usage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.budgets.accounts(p.tenant, model, p.began) {
		key := model + " " + a.key
		if n := a.amount(spent) - p.held[key] - p.ahead[key].n; n != 0 {
			p.budgets.add(a, n)
		}
		delete(p.held, key)
		delete(p.ahead, key)
	}
}

// giveBack ends what was reserved ahead and not called for. It may be called again.
func (p *purse) giveBack() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.ahead {
		if r.n != 0 {
			p.budgets.add(r.account, -r.n)
		}
	}
	clear(p.ahead)
}

// budgetError is returned when a budget has not enough left for a call.
type budgetError struct{ account account }

func (e *budgetError) Error() string {
	a := e.account
	return fmt.Sprintf("the budget of this %s (%s, tenant %q, model %q) is used up", a.budget.Per, a.unit, a.budget.Tenant, a.budget.Model)
}

// status says whose budget it is, and when it renews; not how large it is.
func (e *budgetError) status() *status.Status {
	a := e.account
	subject := "gateway"
	switch {
	case a.tenant != "":
		subject = "tenant:" + a.tenant
	case a.budget.Model != "":
		subject = "model:" + a.budget.Model
	}
	said := fmt.Sprintf("the budget of this %s is used up; it renews at %s", a.budget.Per, a.renews.Format(time.RFC3339))
	return detailed(codes.ResourceExhausted, "BUDGET_EXCEEDED", said,
		&errdetails.RetryInfo{RetryDelay: durationpb.New(max(time.Until(a.renews), time.Second))},
		&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{Subject: subject, Description: said}}})
}
