// A witness (C2SP tlog-witness) made of the Go project's packages: it cosigns the checkpoints of one log, as long as each continues
// the one before.
//
// other_witness LOG_KEY: prints its own key and then its address, and serves until it is killed.
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const name = "witness.example"

type witness struct {
	log  note.Verifier
	key  ed25519.PrivateKey
	id   []byte
	seen tlog.Tree
}

func (w *witness) cosign(text string) string {
	now := uint64(time.Now().Unix())
	signature := ed25519.Sign(w.key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", now, text)))
	bytes := append(append([]byte{}, w.id...), binary.BigEndian.AppendUint64(nil, now)...)
	return fmt.Sprintf("— %s %s\n", name, base64.StdEncoding.EncodeToString(append(bytes, signature...)))
}

func (w *witness) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	if in.URL.Path != "/add-checkpoint" || in.Method != "POST" {
		http.NotFound(out, in)
		return
	}
	body, err := io.ReadAll(in.Body)
	head, checkpoint, found := strings.Cut(string(body), "\n\n")
	lines := strings.Split(head, "\n")
	old, bad := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil || !found || bad != nil || !strings.HasPrefix(lines[0], "old ") {
		http.Error(out, "malformed", 400)
		return
	}
	signed, err := note.Open([]byte(checkpoint), note.VerifierList(w.log))
	if err != nil {
		http.Error(out, err.Error(), 403)
		return
	}
	fields := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(fields[1], 10, 64)
	root, err2 := tlog.ParseHash(fields[2])
	if err != nil || err2 != nil || fields[0] != w.log.Name() || old > size {
		http.Error(out, "malformed checkpoint", 400)
		return
	}
	if old != w.seen.N {
		out.Header().Set("Content-Type", "text/x.tlog.size")
		out.WriteHeader(409)
		fmt.Fprintf(out, "%d\n", w.seen.N)
		return
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			http.Error(out, "malformed proof", 400)
			return
		}
		proof = append(proof, hash)
	}
	if old > 0 {
		err = tlog.CheckTree(proof, size, root, old, w.seen.Hash)
	}
	if err != nil || (old == 0 && len(proof) > 0) {
		http.Error(out, "the proof does not hold", 422)
		return
	}
	w.seen = tlog.Tree{N: size, Hash: root}
	io.WriteString(out, w.cosign(signed.Text))
}

func main() {
	log, err := note.NewVerifier(os.Args[1])
	if err != nil {
		panic(err)
	}
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	typed := append([]byte{4}, public...)
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
	fmt.Printf("%s+%s+%s\n", name, hex.EncodeToString(sum[:4]), base64.StdEncoding.EncodeToString(typed))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	panic(http.Serve(listener, &witness{log: log, key: private, id: sum[:4]}))
}
