package maillog

import "slices"

// mail is a message that is open.
type mail struct {
	Letter
	queue, id uint64 // digests

	seen   int64 // time of its last line
	queued bool  // the queue manager knows it
	// again: it is another message once more, or one that Postfix made for itself.
	again bool
	// stale: its lines were read before.
	stale bool
	// before are recipients that were refused, or spoken of, before the first one was accepted.
	before *mail
	// stopped is the reply with which the whole message was refused.
	stopped string
	known   map[string]int // places in Recipients, when there are many
}

// spareMails are messages that nobody holds any more. They are used again: the workers fill them, and the one who links
// the letters is soon done with them.
type spareMails []*mail

func (s *spareMails) take() *mail {
	n := len(*s) - 1
	if n < 0 {
		return &mail{}
	}
	o := (*s)[n]
	*s = (*s)[:n]
	return o
}

// give gives a message back, with the place for its recipients.
func (s *spareMails) give(o *mail) {
	recipients := o.Recipients
	clear(recipients)
	*o = mail{}
	if cap(recipients) <= fewRecipients {
		o.Recipients = recipients[:0]
	}
	*s = append(*s, o)
}

// fewRecipients are those of nearly all letters.
const fewRecipients = 16

// maxSpareMails is how many messages a batch keeps to use them again.
const maxSpareMails = 512

// share gives some to the next piece of the worker.
func (s *spareMails) share(j *job) {
	n := min(len(*s), max(maxSpareMails-len(j.mails), 0))
	from := len(*s) - n
	j.mails = append(j.mails, (*s)[from:]...)
	*s = (*s)[:min(from, maxSpareMails)]
}

// fromHere reports whether a message was given to Postfix on this machine, as a filter does.
func (o *mail) fromHere() bool {
	return o.Login == "" && (o.Client.IsLoopback() || o.Program != "" && !o.Client.IsValid())
}

// headless reports whether neither smtpd(8) nor pickup(8) has spoken of a message. If its message ID is that of an open one,
// local(8) forwards it. What local(8) says of that may come when it is gone.
func (o *mail) headless() bool { return o.Program == "" && !o.Client.IsValid() }

// merge takes over what was said of recipients before the first one was accepted.
func (m *letters) merge(o *mail) {
	before := o.before
	known := o.queued || o.Sender != "" // the null sender, too
	if before == nil || known && before.Sender != o.Sender && !before.spoken() {
		return
	}
	o.Sender, o.Helo, o.before = before.Sender, before.Helo, nil
	defer m.mails.give(before)
	for _, r := range before.Recipients {
		to := o.recipient(r.Address)
		to.Refused, to.Hits = r.Refused, append(to.Hits, r.Hits...)
	}
}

// spoken reports whether an attempt has a recipient that was not refused, so that it was accepted.
func (o *mail) spoken() bool {
	return slices.ContainsFunc(o.Recipients, func(r Recipient) bool { return r.Refused == "" })
}

// recipient is the recipient with an address.
func (o *mail) recipient(address string) *Recipient {
	if o.known != nil {
		if i, found := o.known[address]; found {
			return &o.Recipients[i]
		}
	} else if i := slices.IndexFunc(o.Recipients, func(r Recipient) bool { return r.Address == address }); i >= 0 {
		return &o.Recipients[i]
	}
	last := len(o.Recipients)
	o.Recipients = slices.Grow(o.Recipients, 1)[:last+1]
	r := &o.Recipients[last]
	r.Address, r.Refused, r.Hits = address, "", nil // field by field, as in sifter.begin
	if o.known != nil {
		o.known[address] = last
	} else if last >= fewRecipients {
		o.known = map[string]int{}
		for i := range o.Recipients {
			o.known[o.Recipients[i].Address] = i
		}
	}
	return r
}
