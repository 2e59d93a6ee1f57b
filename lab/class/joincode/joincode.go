// Package joincode is the code that a class is joined with: where the trainer listens, by which certificate it is known, and the
// token that lets seats in. As text it is in letters that nobody mixes up, in groups, with a checksum that finds a typing error.
package joincode

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Code is what a seat needs to know.
type Code struct {
	Addresses []string // HOST:PORT, to be tried in this order
	// Fingerprint is the beginning of the SHA-256 of the certificate: 128 bits, so that nobody makes another certificate for it.
	// All zeros: the connection is not encrypted, which only a server that the trainer named itself can be.
	Fingerprint [16]byte
	Token       []byte // of the class: tokenBytes that were drawn
	// Login is what a server that the trainer named asks for (USER:PASSWORD, or a token); empty: the server is the trainer's own.
	Login string
	Named bool // it is a server that the trainer named
}

const (
	version = 1
	// TokenBytes is the length of a token.
	TokenBytes = 10
	group      = 5 // letters
	sumBytes   = 3
	most       = 8   // addresses
	longest    = 255 // bytes of a host's name or a login
	maxText    = 2048
)

// flags of the second byte; its lower half counts the addresses.
const (
	flagNamed = 1 << 7
	flagPlain = 1 << 6
)

// alphabet is that of Crockford's base 32: no I, L, O and U.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var letters = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// Class is the name of the class on the server, which follows from its token and does not give that away.
func (c *Code) Class() string {
	sum := sha256.Sum256(append([]byte("benchtop class "), c.Token...))
	return hex.EncodeToString(sum[:4])
}

// Plain reports whether the connection is not encrypted.
func (c *Code) Plain() bool { return c.Fingerprint == [16]byte{} }

// String is the code in groups of five letters.
func (c *Code) String() string {
	text := letters.EncodeToString(c.sealed())
	var b strings.Builder
	for i := 0; i < len(text); i += group {
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(text[i:min(i+group, len(text))])
	}
	return b.String()
}

// sealed is the code as bytes, with its checksum.
func (c *Code) sealed() []byte {
	second := byte(len(c.Addresses)) //nolint:gosec // at most 8
	if c.Named {
		second |= flagNamed
	}
	if c.Plain() {
		second |= flagPlain
	}
	b := []byte{version, second}
	if !c.Plain() {
		b = append(b, c.Fingerprint[:]...)
	}
	b = append(b, c.Token...)
	if c.Named {
		b = append(append(b, byte(len(c.Login))), c.Login...) //nolint:gosec // Check says that it is at most 255
	}
	for _, a := range c.Addresses {
		b = append(b, address(a)...)
	}
	return append(b, sum(b)...)
}

// address is a number of bytes of the host, the host, and the port: 4 and 16 bytes are an IP address, a name has a zero before.
func address(hostPort string) []byte {
	host, port, _ := net.SplitHostPort(hostPort)
	n, _ := strconv.ParseUint(port, 10, 16)
	var b []byte
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		b = append([]byte{byte(ip.BitLen() / 8)}, ip.AsSlice()...)
	} else {
		b = append([]byte{0, byte(len(host))}, host...) //nolint:gosec // Check says that it is at most 255
	}
	return binary.BigEndian.AppendUint16(b, uint16(n)) //nolint:gosec // 16 bits
}

func sum(b []byte) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b))[4-sumBytes:]
}

// Check tells why no code can say this.
func (c *Code) Check() error {
	switch {
	case len(c.Token) != TokenBytes:
		return fmt.Errorf("a join code with a token of %d bytes, want %d", len(c.Token), TokenBytes)
	case len(c.Addresses) == 0 || len(c.Addresses) > most:
		return fmt.Errorf("a join code with %d addresses, want 1 to %d", len(c.Addresses), most)
	case len(c.Login) > longest:
		return fmt.Errorf("a join code with a login of %d bytes, at most %d are possible", len(c.Login), longest)
	}
	for _, a := range c.Addresses {
		host, port, err := net.SplitHostPort(a)
		n, portErr := strconv.ParseUint(port, 10, 16)
		if err != nil || portErr != nil || n == 0 || host == "" || len(host) > longest {
			return fmt.Errorf("%.60q in a join code: expected HOST:PORT", a)
		}
	}
	return nil
}

// ErrTyped is wrapped by the error of a code in which something was typed that is not there.
var ErrTyped = errors.New("the join code has a typing error")

// Parse reads a code. Small letters, and O, I and L for 0 and 1, are taken; blanks, line feeds and hyphens may be anywhere.
func Parse(text string) (*Code, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("the join code has %d characters, at most %d are possible", len(text), maxText)
	}
	plain := strings.NewReplacer("-", "", " ", "", "\t", "", "\n", "", "\r", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	if plain == "" {
		return nil, errors.New("the join code is empty; `benchtop class` prints it on the trainer's machine")
	}
	for i, r := range plain {
		if !strings.ContainsRune(alphabet, r) {
			return nil, fmt.Errorf("%w in group %d: %q is in no code; they have digits and the letters A to Z without I, L, O and U", ErrTyped, i/group+1, r)
		}
	}
	b, err := letters.DecodeString(plain)
	if err != nil || !whole(b) || letters.EncodeToString(b) != plain {
		return nil, typed(plain)
	}
	r := reader{b: b[:len(b)-sumBytes]}
	c := r.code()
	if r.err != nil {
		return nil, r.err
	}
	return c, c.Check()
}

// typed is the error of a code whose checksum is wrong. Where one letter, and only one, explains that, it says where to look.
func typed(plain string) error {
	place, several := -1, false
	for i := range plain {
		for _, l := range []byte(alphabet) {
			b, err := letters.DecodeString(plain[:i] + string(l) + plain[i+1:])
			if l != plain[i] && err == nil && whole(b) {
				place, several = i, several || place >= 0 && place != i
			}
		}
	}
	if place < 0 || several {
		return fmt.Errorf("%w: its checksum is wrong, or a part of it is missing; compare it group by group", ErrTyped)
	}
	from := place / group * group
	return fmt.Errorf("%w: look at group %d, which is %s here", ErrTyped, place/group+1, plain[from:min(from+group, len(plain))])
}

// whole reports whether bytes end with their checksum.
func whole(b []byte) bool {
	n := len(b) - sumBytes
	return n > 0 && bytes.Equal(sum(b[:n]), b[n:])
}

// reader takes bytes from a code.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || n > len(r.b) {
		if r.err == nil {
			r.err = errors.New("the join code is of another version of benchtop; use the trainer's")
		}
		return make([]byte, n)
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) code() *Code {
	c := &Code{}
	head := r.take(2)
	if r.err == nil && head[0] != version {
		r.err = fmt.Errorf("the join code has version %d, this benchtop knows %d; use the benchtop of the trainer", head[0], version)
		return c
	}
	if head[1]&flagPlain == 0 {
		copy(c.Fingerprint[:], r.take(len(c.Fingerprint)))
	}
	c.Token = bytes.Clone(r.take(TokenBytes))
	if c.Named = head[1]&flagNamed != 0; c.Named {
		c.Login = string(r.take(int(r.take(1)[0])))
	}
	for range head[1] &^ (flagNamed | flagPlain) {
		n := int(r.take(1)[0])
		var host string
		if n == 0 {
			host = string(r.take(int(r.take(1)[0])))
		} else if ip, ok := netip.AddrFromSlice(r.take(n)); ok {
			host = ip.String()
		}
		c.Addresses = append(c.Addresses, net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(r.take(2))))))
		if r.err != nil {
			break
		}
	}
	if r.err == nil && len(r.b) > 0 {
		r.err = errors.New("the join code says more than this benchtop knows; use the benchtop of the trainer")
	}
	return c
}
