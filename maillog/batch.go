package maillog

// batch is a piece of a log of whole lines, and what they tell.
type batch struct {
	buf []byte // the lines, each with its end; positions in lines are in it

	// What Hits needs: where sessions begin and end, the first lines of messages, what checks said, and message IDs.
	// heard are places of processes, see sifter.
	borders []border
	firsts  []firstLine
	checks  []spoken
	given   []given
	sent    []sentOf
	heard   heard
	spare   []*pending // may be used for checks
	mails   spareMails // may be used for messages

	steps []step // what Letters needs

	ids []uint64 // digests of message IDs, see Sent.fetch

	// connects are processes that begin a session, and of which no line comes before in the batch, for Letters.
	connects []begun

	inHour   int64 // lines of the hour that is open
	mail     int64 // lines of smtpd about a letter that are not counted for their day yet
	lastLine int32 // the last one of them

	// origin is the place of buf in its log. What begins before fresh was read before: it gives the lines that follow
	// their session, and is not counted.
	origin, fresh int64
	// next is the place behind the last line that is complete.
	next int64

	counts
	first, last int64 // stamps in seconds; 0 is none
	gaps        []pause
	lost        []Loss
	days        []dayCount
}

// begun is a session that began before a step.
type begun struct{ pid, before int32 }

// counts are those of Coverage.
type counts struct{ lines, stamped, unparsed, ambiguous, foreign, future, broken, milters, tables int64 }

type pause struct{ from, to int64 }

type dayCount struct {
	day         string
	lines, mail int64
}

func (b *batch) reset() {
	clear(b.checks)
	clear(b.steps)
	*b = batch{
		buf: b.buf[:0], borders: b.borders[:0], firsts: b.firsts[:0], checks: b.checks[:0], given: b.given[:0],
		sent: b.sent[:0], spare: b.spare, mails: b.mails, steps: b.steps[:0], ids: b.ids[:0],
		connects: b.connects[:0], gaps: b.gaps[:0], days: b.days[:0],
	}
}

// pending is an empty one. They are used again.
func (r *reader) pending(b *batch) *pending {
	n := len(b.spare)
	if n == 0 {
		return &pending{}
	}
	p := b.spare[n-1]
	b.spare = b.spare[:n-1]
	*p = pending{}
	return p
}
