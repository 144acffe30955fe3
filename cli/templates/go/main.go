// The component. What it exports is in the packages whose names begin with `export_`.
package main

import (
	"runtime/debug"

	_ "strategy/bindings/wit_exports"
)

// Every call runs in a new instance, whose memory is discarded with it: there is nothing to
// collect.
func init() {
	debug.SetGCPercent(-1)
}

func main() {}
