package smtpdaccess

import "ucs-harden/restrictions"

// RelayOf returns the relay restrictions of those services that ask the recipient list of main.cf. If those of one of
// them do not refuse relaying, there are none: then the recipient list alone has to refuse it.
func RelayOf(services []Service) (relay restrictions.List) {
	for _, s := range services {
		recipient := s.list(Recipient, Rcpt)
		if recipient.Holder != Recipient || recipient.Origin == Override {
			continue
		}
		own := s.list(Relay, Rcpt).Items
		if !own.Guards() {
			return nil
		}
		if relay == nil {
			relay = own
		}
	}
	return relay
}
