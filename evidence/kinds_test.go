package evidence

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slowly counts a letter as Cell.add does, and looks at every kind.
func (c *Cell) slowly(s *Sample, returned bool) {
	k := Distinct{Client: s.Client, Login: s.Login, Sender: s.Sender, Port: s.Port, First: s.Time, Last: s.Time}
	for i := range c.Kinds {
		if c.Kinds[i].same(&k) {
			c.Kinds[i].add(s, returned)
			return
		}
	}
	k.add(s, returned)
	if len(c.Kinds) == MaxDistinct {
		goes := 0
		for i := range c.Kinds {
			a, b := &c.Kinds[i], &c.Kinds[goes]
			if cmp.Or(cmp.Compare(a.back(), b.back()), cmp.Compare(a.Days, b.Days), a.Last.Compare(b.Last)) < 0 {
				goes = i
			}
		}
		c.Others += c.Kinds[goes].Count
		c.Kinds = slices.Delete(c.Kinds, goes, goes+1)
	}
	c.Kinds = append(c.Kinds, k)
}

// Which kinds leave a cell that is full: those that brought least of our own mail back, that were seen on the fewest days,
// that were not seen for longest, that came first.
func TestTheKindsThatStay(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 1))
		fast, slow := &Cell{}, &Cell{}
		at := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
		for i := range 4000 {
			at = at.Add(time.Duration(random.IntN(3)) * time.Duration(random.IntN(2000)) * time.Second)
			s := Sample{
				Time: at, Client: netip.AddrFrom4([4]byte{203, 0, 113, byte(random.IntN(40))}), Port: 25,
				Sender: fmt.Sprintf("u%d@company.my", int(random.ExpFloat64()*8)),
			}
			returned := random.IntN(20) == 0
			fast.add(&s, returned)
			slow.slowly(&s, returned)
			if random.IntN(50) == 0 { // somebody has copied message IDs: kinds leave earlier
				fast.copy(&s, 1)
				same := func(k Distinct) bool { return k.Client == s.Client && k.Sender == s.Sender }
				if n := slices.IndexFunc(slow.Kinds, same); n >= 0 {
					slow.Kinds[n].Copied++
				}
			}
			if i%500 == 0 {
				require.ElementsMatch(t, slow.Kinds, fast.Kinds, "seed %d, letter %d", seed, i)
			}
		}
		require.ElementsMatch(t, slow.Kinds, fast.Kinds, seed)
		assert.Equal(t, slow.Others, fast.Others, seed)
		assert.Len(t, fast.Kinds, MaxDistinct)
	}
}

// What tells kinds from others: addresses that look alike, and names that run into each other.
func TestWhichLettersAreOfOneKind(t *testing.T) {
	kinds := []Distinct{
		{Client: netip.MustParseAddr("192.0.2.1")}, {Client: netip.MustParseAddr("::ffff:192.0.2.1")},
		{Client: netip.MustParseAddr("fe80::1%a")}, {Client: netip.MustParseAddr("fe80::1%b")}, {},
		{Login: "ab", Sender: "c"}, {Login: "a", Sender: "bc"}, {Login: "abc"}, {Sender: "abc"},
		{Port: 25}, {Port: 587}, {NetworkOnly: true},
	}
	c := &Cell{}
	for range 2 {
		for _, k := range kinds {
			k.Count = 1
			c.addKind(k)
		}
	}
	assert.Len(t, c.Kinds, len(kinds))
	for _, k := range c.Kinds {
		assert.Equal(t, int64(2), k.Count)
	}
}

// A flood from many networks with many senders each is bounded while it is counted.
func TestTheKindsOfAFloodAreBounded(t *testing.T) {
	d := NewDigest()
	most, flood := 0, 3*MaxKinds
	for i := range flood {
		d.Add(Key{"sender-spoofing", "company.my", fmt.Sprintf("n%d.example", i%4000)},
			Sample{Time: time.Unix(1.8e9+int64(i), 0), Source: FromWarn, Sender: fmt.Sprintf("u%d@company.my", i)}, false)
		if i%5000 == 0 {
			kinds := 0
			for _, c := range d.Cells {
				kinds += len(c.Kinds)
			}
			most = max(most, kinds)
		}
	}
	assert.Greater(t, most, MaxKinds)
	assert.LessOrEqual(t, most, 2*MaxKinds)
	sum := int64(0)
	for _, c := range d.Cells {
		sum += c.Letters()
	}
	assert.Equal(t, int64(flood), sum, "no letter is lost")
}
