package server

import "sync"

// claims say which flight is at work on which segment, so that two revisions of
// one article that are translated at the same time pay for what they share once.
//
// A flight claims all its segments at once, each behind whoever claimed it before,
// and then waits only for those. So flights wait in the order in which they have
// claimed, and never in a circle.
type claims struct {
	mu     sync.Mutex
	newest map[string]*claim // by key
}

// claim is one flight's on one key.
type claim struct{ over chan struct{} }

// take claims the keys. It returns the claims of the caller, which must be given
// to release in the end, and those to wait for.
func (c *claims) take(keys []string) (own, before map[string]*claim) {
	own, before = make(map[string]*claim, len(keys)), make(map[string]*claim)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.newest == nil {
		c.newest = make(map[string]*claim)
	}
	for _, key := range keys {
		if own[key] != nil { // a text that stands twice in the article
			continue
		}
		if earlier := c.newest[key]; earlier != nil {
			before[key] = earlier
		}
		own[key] = &claim{make(chan struct{})}
		c.newest[key] = own[key]
	}
	return own, before
}

// release ends the claims on the keys, whether they were good for anything or not.
// What is not in own any more was released before.
func (c *claims) release(own map[string]*claim, keys ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range keys {
		held := own[key]
		if held == nil {
			continue
		}
		delete(own, key)
		close(held.over)
		if c.newest[key] == held {
			delete(c.newest, key)
		}
	}
}
