function (made, kit) {
  function log() { kit.print("log", arguments, log); }
  function error() { kit.print("error", arguments, error); }
  function clear() { kit.print("clear", [], clear); }
  made.console = { log: log, error: error, clear: clear };
}
