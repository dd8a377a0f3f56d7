"""Reports: `builder` is what users see, `document` what a report holds, `page`, `paper` and `record` how it is written."""
