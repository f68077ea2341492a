package main

import (
	"context"
	"time"

	"github.com/sirupsen/logrus"

	"ucs-harden/harden"
	"ucs-harden/internal/run"
)

// loggingRunner logs, with -v, which programs run, how long they take, and how they end. It does not log their input
// and output, which may contain secrets.
type loggingRunner struct {
	next harden.Runner
	log  *logrus.Logger
}

func (l loggingRunner) Run(ctx context.Context, c run.Cmd) (run.Result, error) {
	begin := time.Now()
	result, err := l.next.Run(ctx, c)
	entry := l.log.WithField("argv", c.Argv).WithField("seconds", time.Since(begin).Seconds())
	if err != nil {
		entry.WithError(err).Debug("program failed")
	} else {
		entry.Debug("program ended")
	}
	return result, err
}
