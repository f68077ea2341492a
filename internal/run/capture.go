package run

import "sync"

// capture keeps the first limit bytes that are written to it and discards the rest, so that a program never blocks on a
// full pipe. full, if set, is called once when the limit is exceeded.
type capture struct {
	limit int
	full  func()

	mu   sync.Mutex
	kept []byte
	over bool
}

func (c *capture) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	room := c.limit - len(c.kept)
	c.kept = append(c.kept, p[:min(room, len(p))]...)
	if len(p) > room && !c.over {
		c.over = true
		if c.full != nil {
			c.full()
		}
	}
	return len(p), nil
}

// bytes returns a slice that later writes do not change: a descendant that keeps the pipe open may still write.
func (c *capture) bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[:len(c.kept):len(c.kept)]
}

func (c *capture) overflowed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}
