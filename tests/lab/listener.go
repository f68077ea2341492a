package lab

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

const (
	// listenerUID is the user and group ID of the user listener.
	listenerUID   = 5001
	listenerState = "/var/lib/univention-directory-listener"
)

// prepareListener makes the folder of the user listener before the first start.
func prepareListener(_ context.Context, _ *Lab, h *Host) error {
	folder := h.Path(listenerState)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	// A listener that was killed leaves it.
	if err := os.Remove(folder + "/lab-ready"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Chown(folder, listenerUID, listenerUID)
}
