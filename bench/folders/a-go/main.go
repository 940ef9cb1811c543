// Command tidegate reads the water level of the harbour gauges and tells the
// sluice keepers when a gate has to be closed.
package main

import (
	"log"
	"net/http"
	"os"
	"time"
)

// statusAddr is where the status page is served. It listens on loopback only;
// the page is not reachable from other machines.
const statusAddr = "127.0.0.1:8086"

// pollEvery is the pause between two rounds over all gauges.
const pollEvery = 90 * time.Second

func main() {
	cfg, err := loadConfig(configPath())
	if err != nil {
		// A broken configuration is fatal. We never fall back to defaults:
		// a gate that listens to the wrong gauge is worse than no program.
		log.Fatalf("config: %v", err)
	}
	http.HandleFunc("/status", statusPage)
	go func() { log.Fatal(http.ListenAndServe(statusAddr, nil)) }()

	for {
		round(cfg)
		time.Sleep(pollEvery)
	}
}

// configPath returns $TIDEGATE_CONFIG or, if that is empty,
// /etc/tidegate/config.yaml.
func configPath() string {
	if p := os.Getenv("TIDEGATE_CONFIG"); p != "" {
		return p
	}
	return "/etc/tidegate/config.yaml"
}
