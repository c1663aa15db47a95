complete -c @program@ -l version -d "Print the version"
complete -c @program@ -l help -d "Print help"
