package foreign

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"benchtop/targets/selfsigned"
)

// modeEnv makes the test binary a server of somebody else.
const modeEnv = "BENCHTOP_TEST_SERVER"

func server(mode, port string) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	switch mode {
	case "helper": // one that comes and goes before the server serves
		if err := exec.Command("sleep", "0.3").Run(); err != nil {
			panic(err)
		}
	case "import":
		fmt.Fprintln(os.Stderr, "no module named app")
		os.Exit(1)
	case "taken":
		fmt.Fprintln(os.Stderr, "error while attempting to bind on address ('127.0.0.1', "+port+"): address already in use")
		os.Exit(1)
	case "taken-once": // the file counts
		if f, err := os.OpenFile(os.Getenv("ONCE"), os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			_ = f.Close()
			os.Exit(1) // without a word
		}
	case "workers":
		for range 2 {
			cmd := exec.Command("sleep", "1000")
			if err := cmd.Start(); err != nil {
				panic(err)
			}
			go func() { _ = cmd.Wait() }()
		}
	case "hang":
		<-stop
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/health", http.StatusFound) })
	go func() { _ = serveAs(mode, l, mux) }()
	<-stop
}

// serveAs serves what a mode names: http2 is HTTP/2 alone, tls has a certificate of its own.
func serveAs(mode string, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h}
	if strings.HasPrefix(mode, "http2") {
		srv.Protocols = new(http.Protocols)
		srv.Protocols.SetHTTP2(true)
		srv.Protocols.SetUnencryptedHTTP2(true)
	}
	if !strings.HasSuffix(mode, "tls") {
		return srv.Serve(l)
	}
	c, err := selfsigned.New()
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(c.CertPEM, c.KeyPEM)
	if err != nil {
		return err
	}
	if mode == "tls" { // and no HTTP/2
		srv.Protocols = new(http.Protocols)
		srv.Protocols.SetHTTP1(true)
	}
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}}
	return srv.ServeTLS(l, "", "")
}
