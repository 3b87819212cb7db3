// The push-only feed has nothing to show: other widgets listen to it.
export default { render() {} };
