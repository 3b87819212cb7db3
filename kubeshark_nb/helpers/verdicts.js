function (made, kit) {
  function mark(member) {
    return function (data) {
      if (typeof data !== "object" || data === null) throw new TypeError("test." + member.slice(0, 4) + " needs an object");
      data[member] = true;
      return data;
    };
  }
  made.test = { pass: mark("passed"), fail: mark("failed") };
}
