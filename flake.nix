{
  description = "firn, a terminal interface for Nix profiles: see, stage, resolve, apply and roll back";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      eachSystem = make: nixpkgs.lib.genAttrs systems (system: make system nixpkgs.legacyPackages.${system});

      package =
        {
          lib,
          stdenv,
          rustPlatform,
          installShellFiles,
        }:
        let
          cargo = (lib.importTOML ./Cargo.toml).package;
        in
        rustPlatform.buildRustPackage {
          pname = "firn";
          inherit (cargo) version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          nativeBuildInputs = [ installShellFiles ];

          # The tests want a usual system around them: /usr/bin, a terminal, a Nix of their own.
          # .ci/run runs them.
          doCheck = false;

          # Both are printed by the program, which has to run for that.
          postInstall = lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
            for shell in bash fish zsh; do
              $out/bin/firn completions $shell > firn.$shell
            done
            $out/bin/firn man > firn.1
            installShellCompletion --cmd firn --bash firn.bash --fish firn.fish --zsh firn.zsh
            installManPage firn.1
          '';

          meta = {
            inherit (cargo) description;
            license = with lib.licenses; [
              mit
              asl20
            ];
            mainProgram = "firn";
            platforms = lib.platforms.unix;
          };
        };
    in
    {
      packages = eachSystem (
        system: pkgs: rec {
          firn = pkgs.callPackage package { };
          default = firn;
        }
      );

      apps = eachSystem (
        system: pkgs: rec {
          firn = {
            type = "app";
            program = "${self.packages.${system}.firn}/bin/firn";
            meta.description = "Terminal interface for Nix profiles";
          };
          default = firn;
        }
      );

      overlays.default = final: prev: { firn = final.callPackage package { }; };

      devShells = eachSystem (
        system: pkgs: {
          default = pkgs.mkShell {
            inputsFrom = [ self.packages.${system}.firn ];
            packages = with pkgs; [
              clippy
              rust-analyzer
              rustfmt
            ];
          };
        }
      );
    };
}
