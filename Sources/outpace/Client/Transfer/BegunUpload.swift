import DialerModel
import Foundation
import Synchronization
import UnixSignals

/// The upload that an import began, for whoever has to end it.
final class BegunUpload: Sendable {
    private let value = Mutex<String?>(nil)

    /// Known once the service has the whole file; until then a broken connection ends the upload.
    var uuid: String? {
        get { self.value.withLock { $0 } }
        set { self.value.withLock { $0 = newValue } }
    }

    /// At SIGINT or SIGTERM cancels the upload and ends the process with 130, as shells count an interruption: reading from a
    /// terminal or a pipe could not be ended otherwise.
    func cancelOnSignal(_ client: APIClient) async {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
            var isCancelled = true
            if let uuid = self.uuid {
                isCancelled = (try? await client.send("DELETE", "/uploads/\(uuid)")) != nil
            }
            let end =
                isCancelled
                ? "cancelled; nothing was loaded" : "interrupted; `GET /uploads` tells what became of the file"
            FileHandle.standardError.write(Data("\n\(end)\n".utf8))
            exit(130)
        }
    }
}
