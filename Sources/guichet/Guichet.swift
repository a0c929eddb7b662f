import ArgumentParser

/// The one binary: servers, and the commands of hosts, buyers, finance and operators.
@main
struct Guichet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guichet",
        abstract: "Sell tickets to live audio rooms, run the rooms, pay the people who fill them.",
        discussion: """
            Start a server on this machine with 'guichet serve'; every other command talks to a server over HTTP \
            (GUICHET_URL or --server, by default http://127.0.0.1:8080).

            A first round:
              guichet serve --data ./box-office --sandbox
              guichet host add "Ana" --data ./box-office
              guichet room create --help

            Exit codes:
              0   done
              1   refused: the server said no; its code, words and next step are printed
              2   measured, and worse than what was allowed (load, --probe)
              64  the command line is not understood
              69  the server can't be reached, or failed
              74  a file can't be read or written
              78  the configuration is wrong

            Shell completion: guichet --generate-completion-script bash|zsh|fish
            """,
        version: "0.1.0",
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Run",
                subcommands: [
                    Serve.self, LedgerCommand.self, GatewayCommand.self, MigrateCommand.self, ConfigCommand.self,
                    KeyCommand.self, BackupCommand.self, RestoreCommand.self, WebhookCommand.self, EventsCommand.self,
                    LoadCommand.self,
                ]),
            CommandGroup(
                name: "Host a room",
                subcommands: [
                    HostCommand.self, RoomCommand.self, CancellationCommand.self, MoveCommand.self, VoucherCommand.self,
                    SeriesCommand.self, StageCommand.self, PublishCommand.self,
                ]),
            CommandGroup(
                name: "Buy and listen",
                subcommands: [
                    WalletCommand.self, QuoteCommand.self, TicketCommand.self, HoldCommand.self, TransferCommand.self,
                    WaitingCommand.self, TipCommand.self, PaymentCommand.self, RehearseCommand.self, ListenCommand.self,
                ]),
            CommandGroup(
                name: "Finance",
                subcommands: [
                    NightCommand.self, PayoutCommand.self, ExplainCommand.self, ReportCommand.self, BalanceCommand.self,
                    PeriodCommand.self, ReplayCommand.self, FundCommand.self, SuspenseCommand.self, JournalCommand.self,
                    ProviderCommand.self, AuditCommand.self,
                ]),
            CommandGroup(name: "See it all", subcommands: [DemoCommand.self]),
        ]
    )
}
