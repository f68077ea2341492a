package maillog

import "context"

// Files is the Reader of this package.
type Files struct{}

// Hits calls the function Hits.
func (Files) Hits(ctx context.Context, logs []Source, o Options, each func(Hit)) (Coverage, error) {
	return Hits(ctx, logs, o, each)
}

// Letters calls the function Letters.
func (Files) Letters(ctx context.Context, logs []Source, o Options, each func(*Letter)) (Coverage, error) {
	return Letters(ctx, logs, o, each)
}
