package postgres

import (
	"context"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5/pgproto3"

	"benchtop/targets/component"
)

// session is a connection of ours to a running PostgreSQL, for plain queries.
type session struct {
	conn  net.Conn
	front *pgproto3.Frontend
}

// refusal is what PostgreSQL says instead of a result.
type refusal struct{ code, text string } // SQLSTATE

func (r *refusal) Error() string { return r.text + " (SQLSTATE " + r.code + ")" }

// dial opens a session on a socket as a user of a database, who needs no password.
func dial(ctx context.Context, socket, user, database string) (*session, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, front: pgproto3.NewFrontend(conn, conn)}
	_, err = s.exchange(ctx, &pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersionNumber, Parameters: map[string]string{
		"user": user, "database": database, "application_name": "benchtop",
	}})
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return s, nil
}

// run sends SQL and gives the rows of the results as text; NULL is empty. Several statements are one transaction.
func (s *session) run(ctx context.Context, sql string) ([][]string, error) {
	return s.exchange(ctx, &pgproto3.Query{String: sql})
}

// exchange sends a message and reads until PostgreSQL waits for the next one.
func (s *session) exchange(ctx context.Context, m pgproto3.FrontendMessage) (rows [][]string, err error) {
	err = component.Within(ctx, s.conn, func() error {
		s.front.Send(m)
		if err := s.front.Flush(); err != nil {
			return err
		}
		rows, err = s.receive()
		return err
	})
	return rows, err
}

func (s *session) receive() (rows [][]string, err error) {
	for {
		message, closed := s.front.Receive()
		if closed != nil {
			if err == nil { // what it said before it closed is the reason
				err = closed
			}
			return nil, err
		}
		switch m := message.(type) {
		case *pgproto3.ErrorResponse:
			err = &refusal{m.Code, m.Message}
		case *pgproto3.AuthenticationOk:
		case pgproto3.AuthenticationResponseMessage:
			return nil, fmt.Errorf("PostgreSQL asks for a password (%T)", m) //nolint:revive // its name
		case *pgproto3.DataRow:
			row := make([]string, len(m.Values))
			for i, value := range m.Values {
				row[i] = string(value)
			}
			rows = append(rows, row)
		case *pgproto3.ReadyForQuery:
			return rows, err
		}
	}
}

// close ends the session and waits until PostgreSQL has ended it too, at most as long as the context.
func (s *session) close(ctx context.Context) {
	_ = component.Within(ctx, s.conn, func() error {
		s.front.Send(&pgproto3.Terminate{})
		if err := s.front.Flush(); err != nil {
			return err
		}
		_, err := s.front.Receive()
		return err
	})
	_ = s.conn.Close()
}
