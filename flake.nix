{
  description = "Finds, renews and checks the credentials of LLM-provider profiles";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEach = nixpkgs.lib.genAttrs systems;
      manifest = builtins.fromTOML (builtins.readFile ./Cargo.toml);
    in
    {
      packages = forEach (
        system:
        let
          pkgs = nixpkgs.legacyPackages.${system};
        in
        {
          default = pkgs.rustPlatform.buildRustPackage {
            pname = "orchestration";
            version = manifest.workspace.package.version;
            src = self;
            cargoLock.lockFile = ./Cargo.lock;
            buildAndTestSubdir = "cli";
            buildFeatures = [ "keyring" ];
            nativeBuildInputs = [ pkgs.installShellFiles ];
            # The tests need a terminal, servers and browsers; .ci/run runs them.
            doCheck = false;
            postInstall = ''
              $out/bin/orchestration man man
              installManPage man/*
              installShellCompletion --cmd orchestration \
                --bash <($out/bin/orchestration completions bash) \
                --zsh <($out/bin/orchestration completions zsh) \
                --fish <($out/bin/orchestration completions fish)
            '';
            meta = {
              description = "Finds, renews and checks the credentials of LLM-provider profiles";
              license = with nixpkgs.lib.licenses; [
                asl20
                mit
              ];
              mainProgram = "orchestration";
            };
          };
        }
      );
    };
}
