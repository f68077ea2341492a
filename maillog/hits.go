package maillog

import (
	"context"
	"math"
)

// Hits calls each with the hits of the logs, in the order of their lines. A hit waits until its session has ended,
// because later lines of the session tell its login, its queue ID and the message ID; but for no more than maxWaiting
// hits.
func Hits(ctx context.Context, logs []Source, o Options, each func(Hit)) (Coverage, error) {
	h := &hits{each: each, messages: map[uint64]message{}, sent: o.Sent, texts: newTexts()}
	if h.sent == nil {
		h.sent = NewSent()
	}
	c, err := scan(ctx, logs, o, reading{kinds: ofHits, most: pickupDaemon, sent: h.sent, plain: o.Plain}, h.consume)
	h.flush(0)
	return c, err
}

type hits struct {
	each     func(Hit)
	sessions [places]*session // that are open, by the place of the process
	places   heard            // those that have one
	open     int              // how many there are
	spare    []*session
	// messages are those whose message ID is not known yet, by the digest of their queue ID, which keeps them small.
	messages map[uint64]message
	order    []*pending
	ordered  int // those of order before it were handed out
	sent     *Sent
	texts    *texts
	done     []*pending // were handed out, and are used again
}

func (h *hits) consume(j *job) error {
	h.sent.fetch(j.ids)
	for i := range j.heard { // no other session that is open can have a border in the batch
		j.heard[i] |= h.places[i]
	}
	q := remaining{job: j, borders: j.borders, firsts: j.firsts, checks: j.checks, given: j.given, sent: j.sent}
	for h.next(&q) {
	}
	if len(j.spare) < maxSpare {
		j.spare = append(j.spare, h.done...)
	}
	clear(h.done)
	h.done = h.done[:0]
	return nil
}

// maxSpare is how many hits a batch keeps, give or take those of one batch, to use them again.
const maxSpare = 128

// remaining is what is left of a batch.
type remaining struct {
	*job
	borders []border
	firsts  []firstLine
	checks  []spoken
	given   []given
	sent    []sentOf
}

// next consumes the next line, false when there is none.
func (h *hits) next(q *remaining) bool {
	const never = math.MaxInt32
	border, first, check, given := int32(never), int32(never), int32(never), int32(never)
	if q.borders = skipBorders(q.borders, &q.heard); len(q.borders) > 0 {
		border = q.borders[0].text()
	}
	if q.firsts = skipFirsts(q.firsts, &q.heard); len(q.firsts) > 0 {
		first = q.firsts[0].text
	}
	if len(q.checks) > 0 {
		check = q.checks[0].text
	}
	if len(q.given) > 0 {
		given = q.given[0].text
	}
	next := min(border, first, check, given)
	for ; len(q.sent) > 0 && q.sent[0].rest < next; q.sent = q.sent[1:] {
		h.meet(q.job, &q.sent[0])
	}
	switch next {
	case never:
		return false
	case border:
		h.border(q.buf, q.borders[0])
		q.borders = q.borders[1:]
	case first:
		h.first(q.buf, &q.firsts[0])
		q.firsts = q.firsts[1:]
	case check:
		h.check(q.buf, &q.checks[0])
		q.checks = q.checks[1:]
	case given:
		g := &q.given[0]
		h.messageID(h.sent.digest(queueOf(q.buf, g.text, g.rest)), readID(q.buf[g.rest:g.end]))
		q.given = q.given[1:]
	}
	return true
}

// skipBorders leaves out those of sessions of which nothing is needed.
func skipBorders(borders []border, heard *heard) []border {
	for i := range borders {
		if heard.in(borders[i].pid) {
			return borders[i:]
		}
	}
	return nil
}

// skipFirsts leaves out those of which nothing is needed.
func skipFirsts(firsts []firstLine, heard *heard) []firstLine {
	for i := range firsts {
		if f := &firsts[i]; f.needed || !f.pickedUp && heard.in(f.pid) {
			return firsts[i:]
		}
	}
	return nil
}
