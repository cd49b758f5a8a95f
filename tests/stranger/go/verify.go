// Command verify checks the logs of a district over HTTP with Go's checksum database packages (golang.org/x/mod/sumdb),
// which know nothing of sunvote: signed notes, tiles, all leaves, and consistency with what was seen before.
//
//	verify -base http://127.0.0.1:8080 -district VKEY -village VKEY [-village VKEY …] [-seen FILE]
//
// FILE is a checkpoint of the district's log from an earlier visit. Every checkpoint of a village that is a leaf of the
// district's log must be a prefix of the village's log as served now.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Height of the tiles: 256 hashes.
const height = 8

// Longest answer taken in.
const limit = 64 << 20

var base = flag.String("base", "", "address of the server")

// log is what is served of one log, and the key that it must be signed with.
type log struct {
	origin   string
	path     string
	verifier note.Verifier
	tree     tlog.Tree
}

// open makes a log of a verifier key, whose name is the log's origin: host and path.
func open(vkey string) (*log, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, err
	}
	slash := strings.IndexByte(verifier.Name(), '/')
	if slash < 0 {
		return nil, errors.New("the key's name is no address")
	}
	return &log{origin: verifier.Name(), path: verifier.Name()[slash:], verifier: verifier}, nil
}

func get(path string) ([]byte, error) {
	answer, err := http.Get(*base + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, limit))
}

// checkpoint reads a checkpoint that this log signed.
func (l *log) checkpoint(signed []byte) (tlog.Tree, error) {
	opened, err := note.Open(signed, note.VerifierList(l.verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != l.origin {
		return tlog.Tree{}, errors.New("not a checkpoint of " + l.origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return tlog.Tree{}, errors.New("no size")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("no root")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

// Height, ReadTiles and SaveTiles make a log a tlog.TileReader.
func (l *log) Height() int { return height }

// ReadTiles fetches tiles. Paths of tlog carry the tiles' height; here it is always 8 and left out.
func (l *log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		path := "/tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
		body, err := get(l.path + path)
		if err != nil {
			return nil, err
		}
		if len(body) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes", path, len(body))
		}
		data = append(data, body)
	}
	return data, nil
}

// SaveTiles keeps nothing: each run begins anew.
func (l *log) SaveTiles([]tlog.Tile, [][]byte) {}

func (l *log) hashes() tlog.HashReader { return tlog.TileHashReader(l.tree, l) }

// bundle fetches the entries of a bundle of `width` from number `n` on.
func (l *log) bundle(n, width int64) ([][]byte, error) {
	tile := tlog.Tile{H: height, L: 0, N: n, W: int(width)}
	path := "/tile/entries/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/0/", height))
	body, err := get(l.path + path)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(body) > 0 {
		if len(body) < 2 || len(body)-2 < int(binary.BigEndian.Uint16(body)) {
			return nil, errors.New(path + ": cut off")
		}
		length := int(binary.BigEndian.Uint16(body))
		entries = append(entries, body[2:2+length])
		body = body[2+length:]
	}
	if int64(len(entries)) != width {
		return nil, fmt.Errorf("%s: %d entries", path, len(entries))
	}
	return entries, nil
}

// leaves fetches every entry, and compares its hash with the tile that the signed root vouches for.
func (l *log) leaves() ([][]byte, error) {
	var all [][]byte
	for start := int64(0); start < l.tree.N; start += 1 << height {
		width := l.tree.N - start
		if width > 1<<height {
			width = 1 << height
		}
		entries, err := l.bundle(start>>height, width)
		if err != nil {
			return nil, err
		}
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, start+int64(i))
		}
		hashes, err := l.hashes().ReadHashes(indexes)
		if err != nil {
			return nil, err
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != hashes[i] {
				return nil, fmt.Errorf("%s: entry %d is not what the tree holds", l.origin, start+int64(i))
			}
		}
		all = append(all, entries...)
	}
	return all, nil
}

// extends proves that an earlier tree is a prefix of this one.
func (l *log) extends(earlier tlog.Tree) error {
	if earlier.N > l.tree.N {
		return fmt.Errorf("%s went from %d to %d entries", l.origin, earlier.N, l.tree.N)
	}
	if earlier.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(l.tree.N, earlier.N, l.hashes())
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, l.tree.N, l.tree.Hash, earlier.N, earlier.Hash)
}

// fetch reads the newest checkpoint.
func (l *log) fetch() error {
	signed, err := get(l.path + "/checkpoint")
	if err != nil {
		return err
	}
	l.tree, err = l.checkpoint(signed)
	return err
}

// village checks a village's log, and each of its checkpoints among the district's leaves.
func village(vkey string, district [][]byte) error {
	l, err := open(vkey)
	if err != nil {
		return err
	}
	if err := l.fetch(); err != nil {
		return err
	}
	entries, err := l.leaves()
	if err != nil {
		return err
	}
	published := 0
	for _, leaf := range district {
		if !bytes.HasPrefix(leaf, []byte(l.origin+"\n")) {
			continue
		}
		earlier, err := l.checkpoint(leaf)
		if err != nil {
			return err
		}
		if err := l.extends(earlier); err != nil {
			return err
		}
		published++
	}
	if published == 0 {
		return errors.New(l.origin + " is not in the district's log")
	}
	fmt.Printf("%s: %d entries, %d checkpoints\n", l.origin, len(entries), published)
	return nil
}

func run() error {
	var villages []string
	district := flag.String("district", "", "verifier key of the district's log")
	seen := flag.String("seen", "", "file with a checkpoint of the district's log from an earlier visit")
	flag.Func("village", "verifier key of a village's log", func(vkey string) error {
		villages = append(villages, vkey)
		return nil
	})
	flag.Parse()
	l, err := open(*district)
	if err != nil {
		return err
	}
	if err := l.fetch(); err != nil {
		return err
	}
	leaves, err := l.leaves()
	if err != nil {
		return err
	}
	if *seen != "" {
		signed, err := os.ReadFile(*seen)
		if err != nil {
			return err
		}
		earlier, err := l.checkpoint(signed)
		if err != nil {
			return err
		}
		if err := l.extends(earlier); err != nil {
			return err
		}
		fmt.Printf("%s: extends %d leaves\n", l.origin, earlier.N)
	}
	fmt.Printf("%s: %d leaves\n", l.origin, len(leaves))
	for _, vkey := range villages {
		if err := village(vkey, leaves); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "verify:", err)
		os.Exit(1)
	}
}
