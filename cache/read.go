package cache

// Get returns what was put last under the key. The bytes are shared with other
// callers and must not be changed.
func (c *Cache) Get(key string) ([]byte, bool) { return c.read(key, true) }

// Look is Get for what is read to make something else of it, which will be asked
// for in its place: it leaves no copy in memory.
func (c *Cache) Look(key string) ([]byte, bool) { return c.read(key, false) }

func (c *Cache) read(key string, keep bool) ([]byte, bool) {
	if c.closed.Load() {
		return nil, false
	}
	copied, state := c.memory.get(key)
	if state == fresh {
		c.memoryTier.hits.Add(1)
		return copied.Value, true
	}
	c.memoryTier.misses.Add(1)
	if c.store == nil || state == missing {
		return nil, false
	}
	return c.fetch(key, copied, state, keep)
}

// fetch asks the store, and keeps a copy of what it says in memory if it is to.
func (c *Cache) fetch(key string, copied Entry, state copyState, keep bool) ([]byte, bool) {
	version := c.memory.version(key)
	e, found, err := c.store.read(key)
	switch {
	case err != nil:
		c.storeTier.errors.Add(1)
		// Nobody can say whether the copy still holds. It did once, and the
		// other choice is to pay again.
		return copied.Value, state == doubtful
	case found:
		c.storeTier.hits.Add(1)
		if keep {
			c.memory.keepIf(version, key, e)
		}
		return e.Value, true
	}
	c.storeTier.misses.Add(1)
	gone := !c.memory.refused(key)
	if keep {
		gone = c.memory.keepMissing(version, key)
	}
	if gone {
		return nil, false
	}
	return copied.Value, state == doubtful
}
