package maillog

import (
	"hash/maphash"
	"strings"
	"unsafe"
)

// texts are strings that were met not long ago, so that most strings are made once: a log names the same clients,
// senders and replies again and again. It belongs to one goroutine.
type texts struct {
	seed maphash.Seed
	met  [1 << 12]string
}

// longestText is how long a string is that is met again.
const longestText = 128

func newTexts() *texts { return &texts{seed: maphash.MakeSeed()} }

// view is a text as a string, which ends when the text changes. What is left of it longer has to be made one of its
// own.
func view(text []byte) string { return unsafe.String(unsafe.SliceData(text), len(text)) }

// own is a string of its own that is equal to a view.
func (t *texts) own(view string) string {
	switch n := len(view); {
	case n == 0:
		return ""
	case n > longestText:
		return strings.Clone(view)
	}
	met := &t.met[maphash.String(t.seed, view)%uint64(len(t.met))]
	if *met != view {
		*met = strings.Clone(view)
	}
	return *met
}

// ownHit makes all strings of what a check said their own.
func (t *texts) ownHit(h *Hit) {
	switch h.Action {
	case Refused:
		h.Action = Refused
	case WouldRefuse:
		h.Action = WouldRefuse
	case Warned:
		h.Action = Warned
	default:
		h.Action = Action(t.own(string(h.Action)))
	}
	if h.Step != atRecipient { // else it is no view
		h.Step = t.own(h.Step)
	}
	for _, s := range [...]*string{
		&h.ClientName, &h.Enhanced, &h.Subject, &h.Text, &h.Tag, &h.Sender, &h.Recipient, &h.Proto, &h.Helo, &h.Login,
	} {
		*s = t.own(*s)
	}
}
