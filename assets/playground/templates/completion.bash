complete -o default -W "--version --help" @program@
