package smtpclient

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Serve reads dialogues as JSON, one per line, plays each and writes its answer on one line, until the input ends. For
// a dialogue that cannot be played, the answer is the error. A line that is not a dialogue ends Serve.
func (c *Client) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	defer c.Close()
	decoder := json.NewDecoder(bufio.NewReader(in))
	decoder.DisallowUnknownFields()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for n := 1; ; n++ {
		var d Dialogue
		if err := decoder.Decode(&d); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("cannot read dialogue %d: %w", n, err)
		}
		a, err := c.Play(ctx, d)
		if err != nil {
			a.Err = err.Error()
		}
		if err := encoder.Encode(a); err != nil {
			return err
		}
	}
}
