package database

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Drivers name the one encoding in several ways: asyncpg writes it in quotes.
func TestEncodings(t *testing.T) {
	_, addr := running(t, Settings{})
	for encoding, fine := range map[string]bool{"UTF8": true, "'utf-8'": true, "Unicode": true, "latin1": false, "''": false} {
		config, err := pgx.ParseConfig(url(addr))
		if err != nil {
			t.Fatal(err)
		}
		config.RuntimeParams["client_encoding"] = encoding
		c, err := pgx.ConnectConfig(bounded(t), config)
		if err == nil {
			_ = c.Close(bounded(t))
		}
		var said *pgconn.PgError
		if (err == nil) != fine || !fine && !errors.As(err, &said) {
			t.Errorf("%s: %v", encoding, err)
		}
	}
}
