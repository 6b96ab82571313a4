# What failed in a log of TAP, a line each: where, what, and how it differs from what was expected.
function tell() {
	if (what != "") print substr(place what differs, 1, 240)
	what = place = differs = ""
}
/^ *not ok/ { tell(); sub(/^ *not ok [0-9]+ - /, ""); sub(/ # time=.*/, ""); what = $0; inDiff = 0; next }
what == "" { next }
/^ *\.\.\.$/ { tell(); next }
/^ *diff: \|/ { inDiff = 1; next }
/^ *fileName: / && place == "" { place = $2 ":"; next }
/^ *lineNumber: / && place !~ /[0-9]: $/ { place = place $2 ": "; next }
/^ *(signal|expired|exitCode): / && !/: null$/ { $1 = $1; differs = differs "  " $0; next }
inDiff && /^ *[-+][^-+]/ { $1 = $1; differs = differs "  " $0 }
END { tell() }
