package page

import (
	"encoding/json"
	"sync"
)

// german are the texts of the page in German, by the English ones, from files/german.json. A test finds every text of the
// page there.
var german = sync.OnceValue(func() (texts map[string]string) {
	if err := json.Unmarshal([]byte(asset("german.json")), &texts); err != nil {
		panic(err) // the file is embedded
	}
	return texts
})
