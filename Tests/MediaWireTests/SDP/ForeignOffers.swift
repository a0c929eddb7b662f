/// Offers of real clients. Lines end in LF here; `withCRLF` gives what went over the wire.
enum ForeignOffers {
    /// Chromium 156, one sending section with its candidates, as taken from a running browser.
    static let chromiumSpeaker = """
        v=0
        o=- 4833094691116502420 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0
        a=extmap-allow-mixed
        a=msid-semantic: WMS 5891dc33-dd67-4e2a-92d8-29f33c09b20b
        m=audio 37506 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
        c=IN IP4 127.0.0.1
        a=rtcp:9 IN IP4 0.0.0.0
        a=candidate:110155229 1 udp 2122194687 127.0.0.1 37506 typ host generation 0 network-id 3 network-cost 50
        a=candidate:3794806601 1 udp 2122063615 192.0.2.2 42383 typ host generation 0 network-id 1
        a=candidate:398247765 1 udp 2122267903 ::1 37815 typ host generation 0 network-id 4 network-cost 50
        a=candidate:693561001 1 udp 2122134271 fd00::2 43750 typ host generation 0 network-id 2
        a=candidate:4164550985 1 tcp 1518214911 127.0.0.1 9 typ host tcptype active generation 0 network-id 3 network-cost 50
        a=candidate:479917021 1 tcp 1518083839 192.0.2.2 9 typ host tcptype active generation 0 network-id 1
        a=candidate:3910538177 1 tcp 1518288127 ::1 9 typ host tcptype active generation 0 network-id 4 network-cost 50
        a=candidate:3623629373 1 tcp 1518154495 fd00::2 9 typ host tcptype active generation 0 network-id 2
        a=ice-ufrag:fApc
        a=ice-pwd:x6GFCYEdbEFNguCa4hb3AGWI
        a=ice-options:trickle
        a=fingerprint:sha-256 3E:49:10:E5:C1:7E:A2:62:C8:5C:5E:59:6F:FD:81:FC:EA:1B:AF:D4:C9:31:E8:A0:26:6E:2E:50:93:91:75:E6
        a=setup:actpass
        a=mid:0
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=sendonly
        a=msid:5891dc33-dd67-4e2a-92d8-29f33c09b20b 305c7e31-c14e-45b9-a8aa-a3b310783c26
        a=rtcp-mux
        a=rtcp-rsize
        a=rtcp-xr:rcvr-rtt=all
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=fmtp:111 minptime=10;useinbandfec=1
        a=rtpmap:63 red/48000/2
        a=fmtp:63 111/111
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:13 CN/8000
        a=rtpmap:110 telephone-event/48000
        a=rtpmap:126 telephone-event/8000
        a=ssrc:1155067081 cname:SMjr6e8X2mEoNyFy
        a=ssrc:1155067081 msid:5891dc33-dd67-4e2a-92d8-29f33c09b20b 305c7e31-c14e-45b9-a8aa-a3b310783c26
        """

    /// Chromium 156, three receiving sections, before gathering.
    static let chromiumListener = """
        v=0
        o=- 3371170495033822807 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1 2
        a=extmap-allow-mixed
        a=msid-semantic: WMS
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:YrBb
        a=ice-pwd:xjazpHDbT4laGXEvjVSA+Mpw
        a=ice-options:trickle
        a=fingerprint:sha-256 EA:62:E7:62:7E:A5:FC:B2:91:0B:91:B9:5A:D6:9F:D7:EC:B0:DF:88:0E:61:3E:50:2A:18:D9:9F:A2:B4:4D:8E
        a=setup:actpass
        a=mid:0
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=recvonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtcp-xr:rcvr-rtt=all
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=fmtp:111 minptime=10;useinbandfec=1
        a=rtpmap:63 red/48000/2
        a=fmtp:63 111/111
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:13 CN/8000
        a=rtpmap:110 telephone-event/48000
        a=rtpmap:126 telephone-event/8000
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:YrBb
        a=ice-pwd:xjazpHDbT4laGXEvjVSA+Mpw
        a=ice-options:trickle
        a=fingerprint:sha-256 EA:62:E7:62:7E:A5:FC:B2:91:0B:91:B9:5A:D6:9F:D7:EC:B0:DF:88:0E:61:3E:50:2A:18:D9:9F:A2:B4:4D:8E
        a=setup:actpass
        a=mid:1
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=recvonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtcp-xr:rcvr-rtt=all
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=fmtp:111 minptime=10;useinbandfec=1
        a=rtpmap:63 red/48000/2
        a=fmtp:63 111/111
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:13 CN/8000
        a=rtpmap:110 telephone-event/48000
        a=rtpmap:126 telephone-event/8000
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:YrBb
        a=ice-pwd:xjazpHDbT4laGXEvjVSA+Mpw
        a=ice-options:trickle
        a=fingerprint:sha-256 EA:62:E7:62:7E:A5:FC:B2:91:0B:91:B9:5A:D6:9F:D7:EC:B0:DF:88:0E:61:3E:50:2A:18:D9:9F:A2:B4:4D:8E
        a=setup:actpass
        a=mid:2
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=recvonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtcp-xr:rcvr-rtt=all
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=fmtp:111 minptime=10;useinbandfec=1
        a=rtpmap:63 red/48000/2
        a=fmtp:63 111/111
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:13 CN/8000
        a=rtpmap:110 telephone-event/48000
        a=rtpmap:126 telephone-event/8000
        """

    /// aiortc 1.16, one sending section, as taken from a running client.
    static let aiortcSpeaker = """
        v=0
        o=- 4004372283 4004372283 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=group:BUNDLE 0
        a=msid-semantic:WMS *
        m=audio 42848 UDP/TLS/RTP/SAVPF 96 9 0 8
        c=IN IP4 192.0.2.2
        a=sendonly
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=mid:0
        a=msid:b5ab1d14-49e4-4050-8414-4c1e53a9e28a 05c31322-93ee-4dde-9040-af81df373432
        a=rtcp:9 IN IP4 0.0.0.0
        a=rtcp-mux
        a=ssrc:1004728652 cname:85878225-3a21-4547-b34c-817a69a5187c
        a=rtpmap:96 opus/48000/2
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=candidate:f957a2332b1715da3b0ef8ba684454eb 1 udp 2130706431 192.0.2.2 42848 typ host
        a=candidate:d0bcf3d9c29a2bc887618212a1623bfa 1 udp 2130706431 fd00::2 48192 typ host
        a=end-of-candidates
        a=ice-ufrag:v0Dx
        a=ice-pwd:dR4G4uBtHdbMNRNdyl4Pag
        a=fingerprint:sha-256 AD:51:C3:33:45:CC:C6:27:83:10:3E:38:84:C6:C6:82:EA:3B:D4:10:43:56:81:11:14:28:50:83:D1:64:CF:68
        a=fingerprint:sha-384 3A:3A:ED:C5:02:98:96:3B:AE:64:2A:2D:2A:27:02:BD:2D:82:43:02:12:62:47:74:06:8B:66:54:89:26:31:7B:53:80:FE:0E:85:FF:78:90:6E:1E:18:DD:08:03:49:A7
        a=fingerprint:sha-512 3C:B1:4E:0D:DB:79:31:E8:A0:AF:D3:BA:96:6B:7E:39:2A:A3:04:FD:BD:26:C0:81:ED:C2:4B:36:94:7B:94:6B:F4:EF:B8:9C:AE:EB:72:AE:60:06:2A:DB:31:82:A5:62:80:35:51:66:38:52:95:08:8E:87:59:FB:73:14:E1:E6
        a=setup:actpass
        """

    /// In the shape of Firefox: the fingerprint in the session, attributes by the alphabet, TCP and mDNS candidates, a
    /// second component, a section that waits for its bundle.
    static let firefox = """
        v=0
        o=mozilla...THIS_IS_SDPARTA-99.0 5216476521832710843 0 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=fingerprint:sha-256 7B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08
        a=group:BUNDLE 0 1
        a=ice-options:trickle
        a=msid-semantic:WMS *
        m=audio 51044 UDP/TLS/RTP/SAVPF 109 9 0 8 101
        c=IN IP4 192.0.2.2
        a=candidate:0 1 UDP 2122252543 192.0.2.2 51044 typ host
        a=candidate:2 1 TCP 2105524479 192.0.2.2 9 typ host tcptype active
        a=candidate:0 2 UDP 2122252542 192.0.2.2 44871 typ host
        a=candidate:3 1 UDP 2122187007 6b7a2f7c-2f4e-4e7e-9c3a-6b0a8f8b4c55.local 51045 typ host
        a=sendrecv
        a=end-of-candidates
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
        a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
        a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
        a=fmtp:101 0-15
        a=ice-pwd:9d5a4b3f9e6f7a8c1b2d3e4f5a6b7c8d
        a=ice-ufrag:1f2e3d4c
        a=mid:0
        a=msid:{6ac8b1f4-0a7b-4a0f-9c3e-3d1f0b2a4c55} {0f0e6a44-98a6-4a7e-8b4f-2b7d1f9c0a11}
        a=rtcp:44871 IN IP4 192.0.2.2
        a=rtcp-mux
        a=rtpmap:109 opus/48000/2
        a=rtpmap:9 G722/8000/1
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:101 telephone-event/8000/1
        a=setup:actpass
        a=ssrc:3148460239 cname:{c0a1d7a2-67b6-46e5-8a1a-9d8e7f6a5b4c}
        m=audio 0 UDP/TLS/RTP/SAVPF 109
        c=IN IP4 0.0.0.0
        a=bundle-only
        a=recvonly
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
        a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
        a=ice-pwd:9d5a4b3f9e6f7a8c1b2d3e4f5a6b7c8d
        a=ice-ufrag:1f2e3d4c
        a=mid:1
        a=rtcp-mux
        a=rtpmap:109 opus/48000/2
        a=setup:actpass
        """

    static func withCRLF(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n") + "\r\n"
    }
}
