package translate

import (
	"context"
	"sync"
	"time"
)

// maxWarmup is how long a call waits for another one to warm its prefix. A
// server that needs longer for the first token has no cache worth the wait.
const maxWarmup = 15 * time.Second

// warmups lets the first of several calls with the same beginning go alone until
// its first token: only then does the provider have the beginning in its prompt
// cache, and the others pay a tenth for it. Started together, all pay in full.
type warmups struct {
	mu   sync.Mutex
	open map[prefix]*warmup
}

// prefix names the beginning of a prompt at one model. The system message is the
// same for all, and the fence's nonce stands for the article.
type prefix struct{ model, fence string }

// warmup is one beginning that calls in flight share.
type warmup struct {
	calls int
	warm  chan struct{} // closed at the first token, or when the first call ends without one
	once  sync.Once
}

func (w *warmup) done() { w.once.Do(func() { close(w.warm) }) }

// enter returns when the call with this prefix may go: at once for the first
// one. warm is to be called at the call's first token, leave when the call is
// over, whatever its end.
func (ws *warmups) enter(ctx context.Context, p prefix) (warm, leave func()) {
	ws.mu.Lock()
	w, found := ws.open[p]
	if !found {
		w = &warmup{warm: make(chan struct{})}
		ws.open[p] = w
	}
	w.calls++
	ws.mu.Unlock()

	if found {
		w.wait(ctx)
	}
	return w.done, func() {
		if !found {
			w.done()
		}
		ws.leave(p, w)
	}
}

func (w *warmup) wait(ctx context.Context) {
	timer := time.NewTimer(maxWarmup)
	defer timer.Stop()
	select {
	case <-w.warm:
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (ws *warmups) leave(p prefix, w *warmup) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if w.calls--; w.calls == 0 {
		delete(ws.open, p)
	}
}
