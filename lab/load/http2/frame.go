package http2

import (
	"encoding/binary"
	"fmt"
)

// Types of frames (RFC 9113, section 6). Those that have no name here are ignored.
const (
	frameData         = 0x0
	frameHeaders      = 0x1
	frameReset        = 0x3
	frameSettings     = 0x4
	framePushPromise  = 0x5
	framePing         = 0x6
	frameGoAway       = 0x7
	frameWindowUpdate = 0x8
	frameContinuation = 0x9
)

// Flags of frames.
const (
	flagEndStream  = 0x1
	flagAck        = 0x1 // of a setting or a ping
	flagEndHeaders = 0x4
	flagPadded     = 0x8
	flagPriority   = 0x20
)

// Settings (RFC 9113, section 6.5.2).
const (
	settingTableSize     = 0x1
	settingPush          = 0x2
	settingMostStreams   = 0x3
	settingInitialWindow = 0x4
	settingMostPayload   = 0x5
)

const (
	headLength    = 9       // of a frame, in bytes (RFC 9113, section 4.1)
	mostPayload   = 1 << 14 // of a frame, in bytes: what every end has to take, and more is not offered
	defaultWindow = 1<<16 - 1
	mostWindow    = 1<<31 - 1
	mostID        = 1<<31 - 1
)

// preface is what a client begins with (RFC 9113, section 3.4).
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// frame is one as it came.
type frame struct {
	kind, flags byte
	stream      uint32
	payload     []byte
}

func (f *frame) has(flag byte) bool { return f.flags&flag != 0 }

// head takes the head of a frame apart; p has all of it. The length is that of the payload, which may not be there yet.
func head(p []byte) (f frame, length int) {
	return frame{kind: p[3], flags: p[4], stream: binary.BigEndian.Uint32(p[5:]) & mostID}, int(p[0])<<16 | int(p[1])<<8 | int(p[2])
}

// appendHead appends the head of a frame whose payload has the length.
func appendHead(to []byte, length int, kind, flags byte, stream uint32) []byte {
	return binary.BigEndian.AppendUint32(append(to, byte(length>>16), byte(length>>8), byte(length), kind, flags), stream)
}

// unpadded is the payload of a DATA or HEADERS frame without its padding.
func (f *frame) unpadded() ([]byte, error) {
	p := f.payload
	if !f.has(flagPadded) {
		return p, nil
	}
	if len(p) == 0 || int(p[0]) >= len(p) {
		return nil, violation(CodeProtocol, "more padding than payload")
	}
	return p[1 : len(p)-int(p[0])], nil
}

// Code is why a stream or a connection was ended (RFC 9113, section 7).
type Code uint32

// Codes that something depends on.
const (
	CodeProtocol    Code = 0x1
	CodeFlowControl Code = 0x3
	CodeFrameSize   Code = 0x6
	CodeRefused     Code = 0x7
	CodeCancel      Code = 0x8
	CodeCompression Code = 0x9
)

var codeNames = []string{
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
	"REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
}

func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return fmt.Sprintf("code %#x", uint32(c))
}
