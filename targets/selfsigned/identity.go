package selfsigned

import (
	"crypto/tls"
	"fmt"
)

// Identity is what all processes of a target have in common towards its clients. It holds secrets: it reaches the
// processes through the pipe of their spec alone.
type Identity struct {
	Certificate Certificate `json:"certificate"`
	TicketKey   []byte      `json:"ticket_key"` // 32 bytes
}

// NewIdentity makes a certificate and draws a key for the session tickets.
func NewIdentity() (*Identity, error) {
	c, err := New()
	if err != nil {
		return nil, err
	}
	key, err := NewTicketKey()
	if err != nil {
		return nil, err
	}
	return &Identity{Certificate: c, TicketKey: key[:]}, nil
}

// Config is the function Config for one process of the target, whose handshakes count into count.
func (i *Identity) Config(resumption bool, count *Handshakes) (*tls.Config, error) {
	if _, err := i.Certificate.Parse(); err != nil {
		return nil, err
	}
	var key [32]byte
	if copy(key[:], i.TicketKey) != len(key) || len(i.TicketKey) != len(key) {
		return nil, fmt.Errorf("the key of the session tickets has %d bytes, want %d", len(i.TicketKey), len(key))
	}
	config := Config(i.Certificate, key, resumption)
	count.Count(config)
	return config, nil
}
