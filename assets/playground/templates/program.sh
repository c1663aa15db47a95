#!/bin/sh
# @program@ of @name@ @version@, as far as firn's playground goes.
case "${1:-}" in
  --version)
    echo "@version_text@"
    exit 0 ;;
  --help)
    echo "@program@: @description@"
    echo "This is a stand-in from firn's playground; the real one is at @homepage@"
    exit 0 ;;
esac
@body@
