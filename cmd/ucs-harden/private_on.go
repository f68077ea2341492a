//go:build faults

package main

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/internal/run"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/privatepostfix"
)

// "ucs-harden private-postfix" is for tests. It reads JSON texts of type privateInput from standard input, runs a
// private Postfix for each, and prints a privateOutput for each.

type privateInput struct {
	Config    privateConfig
	Dialogues []privatepostfix.Dialogue
	Hold      bool // after printing, keep the instance until the next text or the end of the input
}

// privateConfig is a privatepostfix.Config with main.cf and master.cf as files.
type privateConfig struct {
	Main, Master           []byte
	Files                  []privatepostfix.File
	QueueDirectory, Parent string
	Without                []int
}

func (c privateConfig) parse() (privatepostfix.Config, error) {
	main, err := maincf.Parse(c.Main)
	if err != nil {
		return privatepostfix.Config{}, err
	}
	master, err := mastercf.Parse(c.Master)
	return privatepostfix.Config{
		Main: main, Master: master, Files: c.Files, QueueDirectory: c.QueueDirectory, Parent: c.Parent, Without: c.Without,
	}, err
}

type privateOutput struct {
	Error      string
	Ports      []int // of a PortError
	Replies    []privatepostfix.Reply
	Complaints []string
	Start      time.Duration
	Play       time.Duration
}

func init() {
	extras = append(extras, func(*cobra.Command) *cobra.Command {
		return &cobra.Command{Use: "private-postfix", Hidden: true, Args: noArgs, RunE: privatePostfix}
	})
}

func privatePostfix(cmd *cobra.Command, _ []string) error {
	in, out := json.NewDecoder(cmd.InOrStdin()), json.NewEncoder(cmd.OutOrStdout())
	for in.More() {
		var input privateInput
		if err := in.Decode(&input); err != nil {
			return err
		}
		config, err := input.Config.parse()
		if err != nil {
			return err
		}
		var output privateOutput
		begin := time.Now()
		i, err := privatepostfix.Start(cmd.Context(), harden.PrivatePrograms(faulty(run.System{})), config)
		output.Start = time.Since(begin)
		if err == nil {
			begin = time.Now()
			output.Replies, err = i.Play(cmd.Context(), input.Dialogues)
			output.Play = time.Since(begin)
			output.Complaints = i.Complaints()
		}
		if err != nil {
			output.Error = err.Error()
			var portError *privatepostfix.PortError
			if errors.As(err, &portError) {
				output.Ports = portError.Ports
			}
		}
		if i != nil && !input.Hold {
			if err := i.Close(); err != nil {
				return err
			}
		}
		if err := out.Encode(output); err != nil {
			return err
		}
		if i != nil && input.Hold {
			more := make(chan struct{})
			go func() { in.More(); close(more) }()
			select {
			case <-more: // the next text, or the end of the input
			case <-cmd.Context().Done():
			}
			if err := i.Close(); err != nil {
				return err
			}
			if err := cmd.Context().Err(); err != nil {
				return err
			}
		}
	}
	return nil
}
