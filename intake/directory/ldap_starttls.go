package directory

import (
	"context"
	"crypto/tls"
	"net"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// startTLSName is the name of the StartTLS operation (RFC 4511, section 4.14.1).
const startTLSName = "1.3.6.1.4.1.1466.20037"

// startTLS has the server protect a new connection, and returns the protected one. Its error is an
// *ldap.Error where the server refuses. The LDAP client could do the same, but keeps only the words of a
// failed handshake, and not the error.
func startTLS(ctx context.Context, stream net.Conn, config *tls.Config) (net.Conn, error) {
	operation := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil, "operation")
	operation.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, startTLSName, "name"))
	request := ber.NewSequence("message")
	request.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, "number"))
	request.AppendChild(operation)
	if _, err := stream.Write(request.Bytes()); err != nil {
		return nil, err
	}
	answer, err := ber.ReadPacket(stream) // and not a byte beyond it
	if err != nil {
		return nil, err
	}
	if err := ldap.GetLDAPError(answer); err != nil {
		return nil, err
	}
	secured := tls.Client(stream, config)
	return secured, secured.HandshakeContext(ctx)
}
