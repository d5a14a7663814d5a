"""One file per carrier; see `frontdesk.ports` for what a carrier is."""
