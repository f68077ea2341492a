package postfix

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Message is a message in the queue.
type Message struct {
	// ID is its queue ID, Queue the name of its queue: "incoming", "active", "deferred", "hold".
	ID    string `json:"queue_id"`
	Queue string `json:"queue_name"`
	// Sender is the envelope sender, "" for the null sender. Login is the SASL login name of the client that has handed it
	// in, "" for none.
	Sender string `json:"sender"`
	Login  string `json:"-"`
}

// HoldQueue is the name of the queue of messages that are held until somebody releases them.
const HoldQueue = "hold"

// Messages returns the messages in the queue: one JSON object a line (postqueue(1), -j), with the logins that their queue
// files have (postcat(1), -e). A message that is delivered meanwhile has no login.
func (p Postfix) Messages(ctx context.Context) ([]Message, error) {
	res, err := p.tool(ctx, nil, "postqueue", "-j")
	if err != nil {
		return nil, fmt.Errorf("cannot read the mail queue: %w", err)
	}
	var out []Message
	for lines := json.NewDecoder(bytes.NewReader(res.Stdout)); lines.More(); {
		var m Message
		if err := lines.Decode(&m); err != nil {
			return nil, fmt.Errorf("cannot read the mail queue: %w", err)
		}
		if m.Sender == "MAILER-DAEMON" { // so showq(8) names the null sender
			m.Sender = ""
		}
		out = append(out, m)
	}
	logins := p.logins(ctx, out)
	for i := range out {
		out[i].Login = logins[out[i].ID]
	}
	return out, nil
}

// batch is how many queue files one postcat reads. It stops at the first that is gone, and the rest has no login.
const batch = 100

// logins are the SASL login names of messages, by queue ID.
func (p Postfix) logins(ctx context.Context, messages []Message) map[string]string {
	const file, login = "*** ENVELOPE RECORDS ", "named_attribute: sasl_username="
	out := map[string]string{}
	for some := range slices.Chunk(messages, batch) {
		if ctx.Err() != nil {
			break
		}
		args := []string{"-q", "-e"}
		for _, m := range some {
			args = append(args, m.ID)
		}
		res, _ := p.tool(ctx, nil, "postcat", args...) // what it has printed before an error counts
		id := ""
		for line := range strings.Lines(string(res.Stdout)) {
			line = strings.TrimSuffix(line, "\n")
			if name, ok := strings.CutPrefix(line, file); ok {
				id = path.Base(strings.TrimSuffix(name, " ***"))
			} else if name, ok := strings.CutPrefix(line, login); ok && id != "" {
				out[id] = name
			}
		}
	}
	return out
}

// Hold puts messages on hold (postsuper(1), -h): they stay in the queue until "postsuper -H" releases them. A message that
// is gone is left out.
func (p Postfix) Hold(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := p.tool(ctx, []byte(strings.Join(ids, "\n")+"\n"), "postsuper", "-h", "-"); err != nil {
		return fmt.Errorf("cannot put messages on hold: %w", err)
	}
	return nil
}
