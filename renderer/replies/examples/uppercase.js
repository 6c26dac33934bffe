// Sends back what comes, in capital letters.
export default class {
  connectionMade(transport, connection) {
    this.transport = transport
    console.log(`Connection ${connection.id} from port ${connection.remote.port}`)
  }

  dataReceived(data) {
    this.transport.write(data.toString().toUpperCase())
  }
}
