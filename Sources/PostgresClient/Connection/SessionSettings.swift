/// What every connection sets before its first use, and again after a lease that may have changed it.
enum SessionSettings {
    /// The formats this client reads, the server's time limit, and no compiling of expressions: that takes longer than most statements
    /// do, and the planner decides on it by estimates that grow with the table.
    static func sql(statementTimeout: Duration) -> String {
        """
        SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET bytea_output = 'hex'; SET extra_float_digits = 1; \
        SET standard_conforming_strings = on; SET jit = off; \
        \(setStatementTimeout(statementTimeout))
        """
    }

    static func setStatementTimeout(_ timeout: Duration) -> String {
        let (seconds, attoseconds) = timeout.components
        let milliseconds = max(0, min(seconds, 2_000_000)) * 1000 + attoseconds / 1_000_000_000_000_000
        // A limit below the server's resolution must not turn into "none".
        return "SET statement_timeout = \(timeout > .zero ? max(1, milliseconds) : 0)"
    }

    /// Undoes whatever a lease did to the session.
    static func reset(statementTimeout: Duration) -> String {
        """
        CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); RESET SESSION AUTHORIZATION; RESET ALL; \
        \(sql(statementTimeout: statementTimeout))
        """
    }
}
