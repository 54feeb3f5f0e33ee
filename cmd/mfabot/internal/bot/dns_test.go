package bot

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// dnsServer answers each question for a TXT record with its name: by UDP with a truncated answer, by TCP with
// the whole.
func dnsServer(t *testing.T) (addr string) {
	t.Helper()
	var tcp net.Listener
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	for tries := 0; err == nil; tries++ {
		if tcp, err = net.Listen("tcp", udp.LocalAddr().String()); err == nil || tries == 10 {
			break
		}
		udp.Close() // the port is another's for TCP
		udp, err = net.ListenPacket("udp", "127.0.0.1:0")
	}
	done(t, err)
	served := make(chan error, 2)
	go func() { served <- serveUDP(udp) }()
	go func() { served <- serveTCP(tcp) }()
	t.Cleanup(func() {
		done(t, errors.Join(udp.Close(), tcp.Close()))
		for range 2 {
			if err := <-served; !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}
	})
	return udp.LocalAddr().String()
}

func serveUDP(conn net.PacketConn) error {
	buf := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return err
		}
		reply, err := answerTXT(buf[:n], true)
		if err != nil {
			return err
		}
		if _, err := conn.WriteTo(reply, from); err != nil {
			return err
		}
	}
}

func serveTCP(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		var size [2]byte
		_, err = io.ReadFull(conn, size[:])
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if err == nil {
			_, err = io.ReadFull(conn, query)
		}
		reply, err2 := answerTXT(query, false)
		if err == nil && err2 == nil {
			_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
		}
		if err := errors.Join(err, err2, conn.Close()); err != nil {
			return err
		}
	}
}

func answerTXT(query []byte, cut bool) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return nil, err
	}
	m.Response, m.Truncated, m.Additionals = true, cut, nil
	if !cut {
		q := m.Questions[0]
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60},
			Body: &dnsmessage.TXTResource{TXT: []string{"key of " + q.Name.String()}}}}
	}
	return m.Pack()
}

// TestResolver: only the configured server is asked, by UDP and by TCP.
func TestResolver(t *testing.T) {
	t.Parallel()
	got, err := Resolver(dnsServer(t)).LookupTXT(t.Context(), "s1._domainkey.corner.test")
	if err != nil || !slices.Equal(got, []string{"key of s1._domainkey.corner.test."}) {
		t.Errorf("LookupTXT gave %q, %v", got, err)
	}
	if Resolver("") != (absolute{net.DefaultResolver}) {
		t.Error("without a server, the system's is not asked")
	}
}
