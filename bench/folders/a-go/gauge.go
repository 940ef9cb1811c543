package main

import (
	"errors"
	"time"
)

// gaugeTimeout is how long we wait for one gauge to answer.
const gaugeTimeout = 5 * time.Second

// maxRetries counts the extra attempts after the first one failed.
const maxRetries = 3

// Reading is one measurement. Level is in millimetres above chart datum,
// as delivered by the gauge; nothing in the program converts it.
type Reading struct {
	Gauge string
	Level int
	At    time.Time // always UTC
}

var errStale = errors.New("stale reading")

// staleAfter: a reading older than this is thrown away and counts as a failure.
const staleAfter = 10 * time.Minute

// check returns errStale for old readings. Negative levels are legal, they
// occur at spring tides.
func check(r Reading, now time.Time) error {
	if now.Sub(r.At) > staleAfter {
		return errStale
	}
	return nil
}

// round asks the gauges one after the other, in the order of the config file.
// There is no concurrency here on purpose: the radio modem can carry a single
// conversation.
func round(cfg *Config) {
	for _, g := range cfg.Gauges {
		r, err := ask(g, gaugeTimeout, maxRetries)
		if err == nil {
			err = check(r, time.Now().UTC())
		}
		notify(cfg, g, r, err)
	}
}
