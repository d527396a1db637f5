"""One module per corner of the API; each exports `router`."""
