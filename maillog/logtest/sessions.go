package logtest

import "strconv"

var (
	words = []string{"mail", "mx1", "out66", "smtp-relay", "news", "mta-17", "bounce", "host-203-0-113-9", "send", "o1.email"}
	sites = []string{"foreign.example", "newsletter.example", "shop.example.net", "partner.example.org", "cloud.example.com"}
	users = []string{"boss", "employee", "sales", "info", "jane.doe", "accounting", "support", "k.mueller", "office", "scan"}
)

func pick(g *generator, of []string) string { return of[g.random.IntN(len(of))] }

// outside is a client outside: its name, and the name with its address.
func (g *generator) outside() (name, client string) {
	address := "203.0.113." + strconv.Itoa(g.random.IntN(256))
	if g.random.IntN(4) == 0 {
		return "User", "unknown[" + address + "]"
	}
	name = pick(g, words) + "." + pick(g, sites)
	return name, name + "[" + address + "]"
}

func (g *generator) own() string { return pick(g, users) + "@company.my" }

func (g *generator) stranger() string {
	return pick(g, users) + strconv.Itoa(g.random.IntN(1000)) + "@" + pick(g, sites)
}

func (g *generator) messageID(site string) string {
	return strconv.FormatUint(g.random.Uint64(), 36) + "." + strconv.Itoa(g.random.IntN(1e6)) + "@" + site
}

const (
	took   = ", relay=mail.company.my[private/dovecot-lmtp], delay=0.21, delays=0.13/0/0.01/0.07, dsn=2.0.0, status=sent (250 2.0.0 <"
	relays = "[198.51.100.25]:25, delay=1.3, delays=0.09/0.01/0.6/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as "
)

// message is what becomes of a message that was accepted.
func (g *generator) message(s *session, queue, id, sender string, recipients ...string) {
	s.add(g.helper("postfix/cleanup"), queue, ": message-id=<", id, ">")
	s.add("postfix/qmgr[911]: ", queue, ": from=<", sender, ">, size=", strconv.Itoa(900+g.random.IntN(90000)),
		", nrcpt=", strconv.Itoa(len(recipients)), " (queue active)")
	lmtp, smtp := g.helper("postfix/lmtp"), g.helper("postfix/smtp")
	for _, to := range recipients {
		if len(to) > 11 && to[len(to)-11:] == "@company.my" {
			s.add(lmtp, queue, ": to=<", to, ">", took, to, "> aBcDeFgH1234 Saved)")
		} else {
			s.add(smtp, queue, ": to=<", to, ">, relay=mx.foreign.example", relays, "4AbCdE12", strconv.Itoa(g.random.IntN(1000)), ")")
		}
	}
	s.add("postfix/qmgr[911]: ", queue, ": removed")
	g.Letters++
}

func (g *generator) accepted(s *session) {
	smtpd := g.program("postfix/smtpd")
	_, client := g.outside()
	s.add(smtpd, "connect from ", client)
	if g.random.IntN(2) == 0 {
		s.add(smtpd, "Anonymous TLS connection established from ", client, ": TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
			" key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256")
	}
	queue := g.id()
	s.add(smtpd, queue, ": client=", client)
	g.message(s, queue, g.messageID(pick(g, sites)), g.stranger(), g.own())
	s.add(smtpd, "disconnect from ", client, " ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7")
}

func (g *generator) submitted(s *session) {
	smtpd := g.program("postfix/submission/smtpd")
	login := g.own()
	client := "inside-" + strconv.Itoa(g.random.IntN(200)) + ".company.my[10.99.1." + strconv.Itoa(g.random.IntN(250)) + "]"
	s.add(smtpd, "connect from ", client)
	queue, id := g.id(), g.messageID("company.my")
	s.add(smtpd, queue, ": client=", client, ", sasl_method=PLAIN, sasl_username=", login)
	recipients := []string{g.stranger()}
	for g.random.IntN(3) == 0 {
		recipients = append(recipients, g.stranger())
	}
	g.message(s, queue, id, login, recipients...)
	s.add(smtpd, "disconnect from ", client, " ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8")
	s.sent = id
}

var refusals = []string{
	"450 4.7.25 Client host rejected: cannot find your hostname, [203.0.113.9]",
	"554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using zen.example.org; https://www.example.org/query/ip/203.0.113.9",
	"554 5.7.1 <%>: Relay access denied",
	"550 5.1.1 <%>: Recipient address rejected: User unknown in virtual mailbox table",
}

func (g *generator) refused(s *session) {
	smtpd := g.program("postfix/smtpd")
	name, client := g.outside()
	s.add(smtpd, "connect from ", client)
	from, to := g.stranger(), g.own()
	text := pick(g, refusals)
	if g.random.IntN(6) == 0 {
		from = g.own()
		text = "554 5.7.1 <" + from + ">: Sender address rejected: Delivery not authorized, message refused #ucs-harden:sender-spoofing"
		g.Tagged++
	}
	for i := range len(text) {
		if text[i] == '%' {
			text = text[:i] + to + text[i+1:]
			break
		}
	}
	s.add(smtpd, "NOQUEUE: reject: RCPT from ", client, ": ", text, "; from=<", from, "> to=<", to, "> proto=ESMTP helo=<", name, ">")
	g.Hits++
	g.Letters++
	g.Refused++
	if g.random.IntN(3) == 0 {
		s.add(smtpd, "lost connection after RCPT from ", client)
	}
	s.add(smtpd, "disconnect from ", client, " ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4")
}

// guessed is somebody who guesses passwords.
func (g *generator) guessed(s *session) {
	smtpd := g.program("postfix/submission/smtpd")
	_, client := g.outside()
	s.add(smtpd, "connect from ", client)
	s.add(smtpd, "warning: ", client, ": SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=", g.own())
	s.add(smtpd, "lost connection after AUTH from ", client)
	s.add(smtpd, "disconnect from ", client, " ehlo=1 auth=0/1 commands=1/2")
}

func (g *generator) warned(s *session) {
	smtpd := g.program("postfix/smtpd")
	name, client := g.outside()
	s.add(smtpd, "connect from ", client)
	from, to := g.own(), g.own()
	s.add(smtpd, "NOQUEUE: warn: RCPT from ", client, ": #ucs-harden:sender-spoofing *** Invalid Inbound Sender ***; from=<",
		from, "> to=<", to, "> proto=ESMTP helo=<", name, ">")
	g.Hits++
	g.Tagged++
	queue, id := g.id(), g.messageID("company.my")
	if len(g.previous) == recent && g.random.IntN(3) == 0 {
		id = g.previous[g.random.IntN(len(g.previous))]
		g.Returned++
	}
	s.add(smtpd, queue, ": client=", client)
	g.message(s, queue, id, from, to)
	s.add(smtpd, "disconnect from ", client, " ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5")
}

func (g *generator) local(s *session) {
	queue, id := g.id(), g.messageID("mail.company.my")
	s.add(g.helper("postfix/pickup"), queue, ": uid=0 from=<root>")
	g.message(s, queue, id, "root@company.my", g.own())
}

func (g *generator) foreign(s *session) {
	s.add("dovecot: imap-login: Login: user=<", g.own(), ">, method=PLAIN, rip=10.99.1.50, lip=10.99.1.1, mpid=",
		strconv.Itoa(g.random.IntN(30000)), ", TLS, session=<aBcDeFgHiJ>")
	s.add("postfix/anvil[933]: statistics: max connection rate 2/60s for (smtp:203.0.113.7) at Nov 29 06:25:01")
}
