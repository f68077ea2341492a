// Package page looks at the page of the evidence and that of a fleet with a browser, as an administrator would: in light and dark colours, on a
// narrow screen and on paper, without a network, and without JavaScript.
//
// To see the pictures: go test ./tests/page -pictures DIR
package page

import (
	"bytes"
	"context"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cdproto "github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"ucs-harden/report/page"
)

var pictures = flag.String("pictures", "", "write the screenshots to this folder")

// browser is a tab that shows a page.
type browser struct {
	t           *testing.T
	ctx         context.Context
	mu          sync.Mutex
	said, asked []string
}

// look is how a page is looked at.
type look struct {
	width      int64
	dark       bool
	paper      bool
	scriptless bool
}

// patience is how long a browser may take for one test.
const patience = 2 * time.Minute

// open shows a page in a new browser.
func open(t *testing.T, v page.View, as look) *browser {
	t.Helper()
	var content bytes.Buffer
	require.NoError(t, page.Write(&content, v))
	return openContent(t, content.Bytes(), as)
}

// openContent shows HTML in a new browser.
func openContent(t *testing.T, content []byte, as look) *browser {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "page.html")
	require.NoError(t, os.WriteFile(path, content, 0o600))

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("proxy-server", "http://127.0.0.1:9"), // nobody listens there
	)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, shut := chromedp.NewContext(ctx)
	t.Cleanup(shut)
	b := &browser{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			b.said = append(b.said, string(e.Type))
		case *runtime.EventExceptionThrown:
			b.said = append(b.said, e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			b.said = append(b.said, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != "file://"+path {
				b.asked = append(b.asked, e.Request.URL)
			}
		}
	}))
	scheme, media := "light", ""
	if as.dark {
		scheme = "dark"
	}
	if as.paper {
		media = "print"
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdproto.Empty{})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: as.scriptless})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: as.width, Height: 900, DeviceScaleFactor: 1})
	b.do(chromedp.Navigate("file://"+path), chromedp.WaitReady("footer"))
	return b
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

func call[P, R any](b *browser, command cdproto.Command[P, R], params P) R {
	b.t.Helper()
	answer, err := chromedp.Call(b.ctx, command, params)
	require.NoError(b.t, err)
	return answer
}

// console is what stands on the console.
func (b *browser) console() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.said)
}

// network is what was asked from elsewhere than the page itself.
func (b *browser) network() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.asked)
}

// eval is the value of an expression in the page.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	require.NoError(b.t, err)
	return value
}

// picture is a screenshot of the whole page.
func (b *browser) picture(name string) image.Image {
	b.t.Helper()
	whole := true
	content := call(b, cdp.CaptureScreenshot, cdp.CaptureScreenshotParams{CaptureBeyondViewport: &whole}).Data
	if *pictures != "" {
		name = strings.ReplaceAll(name, " ", "-")
		require.NoError(b.t, os.WriteFile(filepath.Join(*pictures, name+".png"), content, 0o644))
	}
	shown, err := png.Decode(bytes.NewReader(content))
	require.NoError(b.t, err)
	return shown
}
