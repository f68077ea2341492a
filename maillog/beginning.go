package maillog

// beginnings are what the first byte of a text tells, by the daemon. The bits of listBits are the list to which the
// line comes.
type beginnings [bounceDaemon + 1][256]uint8

const (
	nothing = iota
	connects
	disconnects
	breaks
	times
	warns
	queueOfSmtpd // a queue ID
	queueOfPostscreen
	queueOfCleanup
	queueOfPickup
	queueOfQmgr
	queueOfAgent
	unusual // is read slowly
)

const listBits = 0x30 // 16 times the list, so that it is a shift, too

// The lists of Hits, and the one of Letters.
const (
	borders = iota
	queues
	ids
	others

	inOrder = 0
)

var (
	beginningsOfHits = newBeginnings(map[uint8]uint8{
		connects: borders, disconnects: borders, queueOfSmtpd: queues, queueOfPostscreen: queues, queueOfPickup: queues,
		queueOfCleanup: ids, breaks: others, times: others, warns: others, unusual: others,
	})
	beginningsOfLetters = newBeginnings(nil) // all come to list inOrder
	// nothings are those of a program of which no line is needed.
	nothings [256]uint8
)

func newBeginnings(lists map[uint8]uint8) *beginnings {
	var of beginnings
	queueOf := map[daemon]uint8{
		smtpdDaemon: queueOfSmtpd, cleanupDaemon: queueOfCleanup, pickupDaemon: queueOfPickup,
		qmgrDaemon: queueOfQmgr, deliveryDaemon: queueOfAgent,
	}
	for d := range of {
		queue, known := queueOf[daemon(d)]
		for c := range of[d] {
			switch {
			case known && inQueueID[c] && c < 'a':
				of[d][c] = queue
			case daemon(d) == noDaemon, daemon(d) == bounceDaemon: // noDaemon: one that tells of lines that were dropped
				of[d][c] = unusual
			}
		}
	}
	of[smtpdDaemon]['c'] = connects
	of[smtpdDaemon]['d'] = disconnects
	of[smtpdDaemon]['l'] = breaks
	of[smtpdDaemon]['t'] = times
	of[postscreenDaemon]['N'] = queueOfPostscreen
	for _, d := range []daemon{smtpdDaemon, postscreenDaemon, cleanupDaemon, lookupDaemon} {
		of[d]['w'] = warns
	}
	for d := range of {
		for c, b := range of[d] {
			of[d][c] |= lists[b] * 16
		}
	}
	return &of
}
