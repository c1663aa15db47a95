#compdef @program@
_arguments '--version[print the version]' '--help[print help]' '*:file:_files'
