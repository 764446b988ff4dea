#!/bin/sh
# Makes the files of this folder again with LibreOffice: office formats as the program that people use writes them.
set -e
cd "$(dirname "$0")"
to() { soffice --headless --convert-to "$@" > /dev/null; }
to odt:writer8 --infilter="HTML (StarWriter)" pumps.html
to odp --outdir . review.pptx
for kind in docx rtf epub pdf; do to $kind pumps.odt; done
for kind in xlsx ods xls; do to $kind --infilter="CSV:44,34,76,1" parts.csv; done
to pptx --outdir . review.odp
